import {
  type Evidence,
  type Finding,
  type ImageRef,
  isPinned,
  predicateFamily,
  type PublicKey,
  repositoryName,
  type Subject,
} from "../core/index.ts";
import type { GateContext } from "./gates/index.ts";
import type { Policy, Rule } from "./policy.ts";
import type { Asked } from "./scope.ts";

/** What the policy asks of one image. */
export type Plan =
  | { readonly kind: "unmatched" }
  | {
      readonly kind: "rules";
      /** Every rule that matches; each must hold. */
      readonly rules: readonly Rule[];
      /** False where nothing but the reference is asked: then no registry is needed. */
      readonly needsEvidence: boolean;
      /** Whether more evidence can only help: then a part of it may do, as long as nothing is found wanting. */
      readonly takesPart: boolean;
      /** Whether an attachment that hints at this predicate type is worth fetching; without a hint it is. */
      readonly wantsPredicate: (hint: string | undefined) => boolean;
      /** Predicate types of which a rule reads the text itself. */
      readonly predicateTexts: readonly string[];
      /** Equal for plans that want the same predicates, the same of their texts, and all of them or a part. */
      readonly wants: string;
    };

/** The rules that hold for an image in a namespace. All of them, never the first: a broad rule cannot undo a narrow one. */
export function plan(policy: Policy, asked: Asked): Plan {
  const rules = policy.rulesFor(asked);
  if (rules.length === 0) return { kind: "unmatched" };
  const asks = rules.flatMap(({ require }) => require);
  const wanted = new Set(asks.flatMap(({ predicateTypes }) => predicateTypes));
  const takesPart = !asks.some(({ mayTurn }) => mayTurn);
  const texts = new Set(asks.flatMap(({ predicateTexts }) => predicateTexts));
  return {
    kind: "rules",
    rules,
    needsEvidence: asks.some(({ needsEvidence }) => needsEvidence),
    takesPart,
    wantsPredicate: (hint) => hint === undefined || wanted.has(hint) || wanted.has(predicateFamily(hint)),
    predicateTexts: [...texts],
    wants: JSON.stringify([...[wanted, texts].map((types) => [...types].toSorted()), takesPart]),
  };
}

/** What one image is judged by. */
export interface Judgement {
  readonly policy: Policy;
  readonly rules: readonly Rule[];
  readonly subject: Subject;
  readonly image: ImageRef;
  readonly evidence: Evidence;
  readonly keys: readonly PublicKey[];
  readonly now: Date;
}

/** Everything that the rules find wanting, in the order of the rules and gates. Pure. */
export function judge({ policy, rules, subject, image, evidence, keys, now }: Judgement): Finding[] {
  const context: GateContext = { image, evidence, authorities: policy.authorities, keys, now };
  const digest = isPinned(image) ? { digest: image.digest } : {};
  return rules.flatMap((rule) =>
    rule.require
      .flatMap(({ objections }) => objections(context))
      .map((objection) => ({ kind: "finding", subject, ...digest, rule: rule.name, ...objection }) as const),
  );
}

/** The finding policy/unmatched, where the policy denies what it does not cover. */
export function unmatched(policy: Policy, subject: Subject, image: ImageRef): Finding[] {
  if (policy.unmatched === "allow") return [];
  const message = `no rule of the policy covers ${repositoryName(image)}`;
  const digest = isPinned(image) ? { digest: image.digest } : {};
  return [{ kind: "finding", code: "policy/unmatched", subject, ...digest, message }];
}
