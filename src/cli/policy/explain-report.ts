import { reasons } from "../../admission/index.ts";
import { describeGap, type Evidence, type Objection, type Proof, type Verdict } from "../../core/index.ts";
import type { SeenProof } from "../../policy/index.ts";
import type { RevokedProof } from "../../revocations/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { colour } from "../terminal.ts";

const MAX_SEEN = 8;

/** One gate of a rule that matches. */
export interface ExplainedGate {
  readonly gate: string;
  /** `cannot tell` where something that may be evidence was not read; `not asked` where the verdict was clear before anything was fetched, or nothing could be. */
  readonly outcome: "passes" | "objects" | "cannot tell" | "waived" | "not asked";
  readonly objections: readonly Objection[];
  readonly waived: readonly { readonly id: string; readonly code: string; readonly until: Date }[];
  readonly saw: readonly SeenProof[];
}

/** A verdict taken apart. */
export interface Explanation {
  readonly image: string;
  readonly digest: string | undefined;
  readonly namespace: string;
  readonly verdict: Verdict;
  /** What the policy does with images that no rule matches; undefined where one does. */
  readonly unmatched: "deny" | "allow" | undefined;
  readonly rules: readonly (
    | {
        readonly name: string;
        readonly images: readonly string[];
        readonly matches: false;
        readonly why: string;
      }
    | {
        readonly name: string;
        readonly images: readonly string[];
        readonly matches: true;
        readonly gates: readonly ExplainedGate[];
      }
  )[];
  readonly searched: readonly string[] | undefined;
  readonly rejections: Evidence["rejections"];
  /** What may be evidence and was not read. */
  readonly gaps: Evidence["gaps"];
  readonly voided: readonly RevokedProof[];
}

/** The explanation for people: the verdict, each rule with its gates, what was skipped and why. */
export function explanationText(explanation: Explanation): string {
  const { image, digest, namespace, verdict, rejections, gaps, voided, searched } = explanation;
  const words = { allow: "allowed", warn: "warning", deny: "refused" };
  const tints = { allow: "green", warn: "yellow", deny: "red" } as const;
  return [
    `${colour(tints[verdict.decision], words[verdict.decision])}  ${image} (${verdict.mode}, namespace ${namespace})`,
    ...(digest !== undefined && !image.endsWith(digest) ? [`  resolves to ${digest}`] : []),
    ...reasons(verdict),
    ...(explanation.unmatched === undefined
      ? []
      : [`  no rule matches; unmatched: ${explanation.unmatched}`]),
    ...explanation.rules.flatMap(ruleLines),
    ...(searched === undefined ? [] : [`searched ${searched.join(", ")}`]),
    ...voided.map(({ proof, revocation }) => `void by ${revocation.id}: ${signerOf(proof)}`),
    ...gaps.map((gap) => colour("yellow", `incomplete: ${describeGap(gap)}`)),
    ...rejections.map(
      (each) => `skipped ${each.form} ${each.attachment.slice(0, 19)}: ${each.reason}: ${each.message}`,
    ),
  ].join("\n");
}

/** The explanation as stable JSON; docs/reference/cli.md describes it. */
export function explanationJson({ verdict, rules, voided, ...rest }: Explanation): string {
  const explained = rules.map((rule) =>
    rule.matches
      ? { ...rule, gates: rule.gates.map((gate) => ({ ...gate, saw: gate.saw.map(seenJson) })) }
      : rule,
  );
  return jsonAnswer({
    ...rest,
    decision: verdict.decision,
    mode: verdict.mode,
    objections: verdict.objections,
    rules: explained,
    voided: voided.map(({ proof, revocation }) => ({ by: revocation.id, signer: proof.signer })),
  });
}

function ruleLines(rule: Explanation["rules"][number]): string[] {
  if (!rule.matches) return [colour("dim", `rule ${rule.name} does not match: ${rule.why}`)];
  return [`rule ${rule.name} matches ${rule.images.join(", ")}`, ...rule.gates.flatMap(gateLines)];
}

function gateLines({ gate, outcome, objections, waived, saw }: ExplainedGate): string[] {
  const tint = (
    {
      passes: "green",
      objects: "red",
      "cannot tell": "yellow",
      waived: "yellow",
      "not asked": "dim",
    } as const
  )[outcome];
  const more = saw.length - MAX_SEEN;
  return [
    `  ${colour(tint, `${gate} ${outcome}`)}`,
    ...objections.map(({ code, message }) => `    ${code}: ${message}`),
    ...waived.map(({ id, code, until }) => `    ${code} is waived by ${id} until ${until.toISOString()}`),
    ...saw.slice(0, MAX_SEEN).map((each) => `    saw ${seenText(each)}`),
    ...(more > 0 ? [`    and ${more} more; -o json lists them all`] : []),
  ];
}

function seenText({ what, proof, standsFor, mismatch }: SeenProof): string {
  const counts =
    standsFor.length > 0
      ? `counts for ${standsFor.join(", ")}`
      : `does not count: ${mismatch ?? "the gate names no authority"}`;
  return `${what} by ${signerOf(proof)}; ${counts}`;
}

function seenJson({ what, proof, standsFor, mismatch }: SeenProof): unknown {
  const { signer, form, trustedTime, logged, attachment } = proof;
  return { what, signer, form, trustedTime, logged, attachment, standsFor, mismatch };
}

function signerOf({ signer, trustedTime, logged }: Proof): string {
  const who =
    signer.kind === "key" ? `key ${signer.fingerprint}` : `${signer.identity} (issuer ${signer.issuer})`;
  const when = trustedTime === undefined ? "at an unverified time" : `at ${trustedTime.toISOString()}`;
  return `${who} ${when}${logged ? ", logged" : ""}`;
}
