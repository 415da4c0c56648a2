import { reasons } from "../../admission/index.ts";
import { fixOf, mayPassLater, type Verdict } from "../../core/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { colour } from "../terminal.ts";
import type { Answer, Verified } from "./verify.ts";

/** One line for each image, its reasons below it. */
export function textReport({ verified }: Answer): string {
  return verified.flatMap((each) => [headline(each), ...details(each).map((line) => `  ${line}`)]).join("\n");
}

/** The answer as stable JSON; docs/reference/cli.md describes it. */
export function jsonReport({ verified, notLookedAt }: Answer): string {
  const results = verified.map(({ target: { image, place, file, line, namespace }, verdict }) => ({
    image,
    place,
    file,
    line,
    namespace,
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
  const where =
    target.file === undefined
      ? ""
      : ` ${colour("dim", `${target.file}:${target.line ?? 1} ${target.place}`)}`;
  return `${words[verdict.decision]}  ${target.image}${where}`;
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
