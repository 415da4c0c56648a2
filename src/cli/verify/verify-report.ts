import { reasons } from "../../admission/index.ts";
import { fixOf, mayPassLater, type Verdict } from "../../core/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import type { Target } from "../targets.ts";
import { colour } from "../terminal.ts";
import type { Answer, Verified } from "./verify.ts";

/** Further places of an image that are named; the rest is counted. */
const MAX_PLACES = 3;

/** One line for each image, its reasons below it. What is said of an image in one namespace is said once, with the other places. */
export function textReport({ verified }: Answer): string {
  const alike = Map.groupBy(verified, (each) =>
    JSON.stringify([each.target.image, each.target.namespace, each.verdict.decision, details(each)]),
  );
  return [...alike.values()].flatMap(reportOn).join("\n");
}

function reportOn([first, ...others]: readonly Verified[]): string[] {
  const also = others.slice(0, MAX_PLACES).map(({ target }) => whereOf(target) ?? target.place);
  const left = others.length - also.length;
  const more = left === 0 ? [] : [`${left} more`];
  const places = others.length === 0 ? [] : [`also at ${[...also, ...more].join(", ")}`];
  return [headline(first!), ...[...places, ...details(first!)].map((line) => `  ${line}`)];
}

/** The answer as stable JSON; docs/reference/cli.md describes it. */
export function jsonReport({ verified, notLookedAt }: Answer): string {
  const results = verified.map(({ target: { image, place, file, line, namespace, object }, verdict }) => ({
    image,
    place,
    file,
    line,
    namespace,
    object,
    decision: verdict.decision,
    objections: verdict.objections.map((each) => ({
      kind: each.kind,
      code: each.code,
      message: each.message,
      fix: fixOf(each),
      retry: mayPassLater(each),
      ...(each.kind === "finding" && { signers: each.signers }),
    })),
    expired: (verdict.expired ?? []).map(({ finding, waiver }) => ({ code: finding.code, ...waiver })),
    waived: verdict.waived.map(({ finding, waiver }) => ({ code: finding.code, ...waiver })),
    evidence: verdict.judged.flatMap(({ proofs }) => proofs),
  }));
  return jsonAnswer({ results, notLookedAt });
}

function headline({ target, verdict }: Verified): string {
  const words = {
    allow: colour("green", "allowed"),
    warn: colour("yellow", "warning"),
    deny: isUnknown(verdict) ? colour("yellow", "unknown") : colour("red", "refused"),
  };
  const where = whereOf(target);
  return `${words[verdict.decision]}  ${target.image}${where === undefined ? "" : ` ${colour("dim", where)}`}`;
}

/** `pods.json:7 Pod shop/web-1 container "c"`; undefined for an argument of the command. */
function whereOf({ file, line = 1, object, place }: Target): string | undefined {
  if (file === undefined) return undefined;
  return [`${file}:${line}`, ...(object === undefined ? [] : [object]), place].join(" ");
}

/** Refused because something could not be known, and nothing speaks against it. */
function isUnknown({ objections }: Verdict): boolean {
  return objections.every(({ kind }) => kind === "fault");
}

function details({ verdict }: Verified): string[] {
  const waived = verdict.waived.map(
    ({ finding, waiver }) => `waived by ${waiver.id} until ${waiver.until.toISOString()}: ${finding.code}`,
  );
  if (verdict.objections.length > 0) return [...reasons(verdict), ...waived];
  return [...verdict.judged.flatMap(({ proofs }) => proofs), ...waived];
}
