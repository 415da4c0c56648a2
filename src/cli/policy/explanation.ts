import {
  type Evidence,
  gateOf,
  type ImageRef,
  isPinned,
  type Objection,
  type PublicKey,
  type Verdict,
} from "../../core/index.ts";
import { outOfScope, type Policy, proofsSeen } from "../../policy/index.ts";
import { type Revocations, withoutRevoked } from "../../revocations/index.ts";
import type { ExplainedGate, Explanation } from "./explain-report.ts";

/** A verdict, and what it was made of. */
export interface Decided {
  readonly image: string;
  readonly ref: ImageRef;
  readonly namespace: string;
  readonly policy: Policy;
  readonly revocations: Revocations;
  readonly keys: readonly PublicKey[];
  readonly verdict: Verdict;
  /** Undefined where none was asked for, or none could be had. */
  readonly evidence: Evidence | undefined;
}

type ExplainedRule = Explanation["rules"][number];
type Rule = Policy["rules"][number];

/**
 * The verdict taken apart. Whether a gate objects is read off the verdict itself, so that no explanation can differ from
 * the decision; what it saw, off the evidence that the verdict was made of. Pure.
 */
export function explain(decided: Decided): Explanation {
  const { image, ref, namespace, policy, revocations, verdict, evidence } = decided;
  const left = evidence === undefined ? undefined : withoutRevoked(evidence, revocations);
  const rules = policy.rules.map((rule) => explainRule(rule, left?.evidence, decided));
  return {
    image,
    digest: isPinned(ref) ? ref.digest : evidence?.subject,
    namespace,
    verdict,
    unmatched: rules.some(({ matches }) => matches) ? undefined : policy.unmatched,
    rules,
    ...looked(evidence),
    voided: left?.voided ?? [],
  };
}

function explainRule(rule: Rule, evidence: Evidence | undefined, decided: Decided): ExplainedRule {
  const { name } = rule;
  const images = rule.images.map(({ source }) => source);
  const why = outOfScope(rule, { image: decided.ref, namespace: decided.namespace });
  if (why !== undefined) return { name, images, matches: false, why };
  const gates = rule.require.map((requirement): ExplainedGate => {
    const about = (each: Objection): boolean => isAbout(each, requirement.gate, name);
    const objections = decided.verdict.objections.filter(about);
    const waived = decided.verdict.waived.filter(({ finding }) => about(finding));
    const isAsked = !requirement.needsEvidence || evidence !== undefined;
    return {
      gate: requirement.gate,
      outcome: outcomeOf(objections, waived.length > 0, isAsked),
      objections,
      waived: waived.map(({ finding, waiver }) => ({ ...waiver, code: finding.code })),
      saw: evidence === undefined ? [] : proofsSeen(requirement, evidence, decided),
    };
  });
  return { name, images, matches: true, gates };
}

function looked(evidence: Evidence | undefined): Pick<Explanation, "searched" | "rejections" | "gaps"> {
  if (evidence === undefined) return { searched: undefined, rejections: [], gaps: [] };
  const { searched, rejections, gaps } = evidence;
  return { searched, rejections, gaps };
}

function outcomeOf(
  objections: readonly Objection[],
  isWaived: boolean,
  isAsked: boolean,
): ExplainedGate["outcome"] {
  if (objections.some(({ kind }) => kind === "fault")) return "cannot tell";
  if (objections.length > 0) return "objects";
  if (isWaived) return "waived";
  return isAsked ? "passes" : "not asked";
}

/** A finding without a rule, such as that of an image named by a tag, is every rule's. */
function isAbout(objection: Objection, gate: string, rule: string): boolean {
  if (objection.kind === "fault") return objection.gate === gate && objection.rule === rule;
  if (gateOf(objection.code) !== gate) return false;
  return objection.rule === undefined || objection.rule === rule;
}
