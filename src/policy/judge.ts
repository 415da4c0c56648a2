import {
  describeGap,
  type Evidence,
  type FaultNotice,
  type Finding,
  type FindingCode,
  type Gap,
  type ImageRef,
  isOfType,
  isPinned,
  type Objection,
  printable,
  type PublicKey,
  repositoryName,
  type Subject,
} from "../core/index.ts";
import type { Requirement } from "./gates/index.ts";
import type { Policy, Rule } from "./policy.ts";
import type { RuleQuery } from "./scope.ts";

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
      readonly acceptsPartial: boolean;
      /** Whether more evidence may turn a pass into a refusal: then nothing older and no part of it will do. */
      readonly needsAllEvidence: boolean;
      /** Whether an attachment that hints at this predicate type is worth fetching; without a hint it is. */
      readonly wantsPredicate: (hint: string | undefined) => boolean;
      /** Predicate types whose text a rule reads. */
      readonly predicateTexts: readonly string[];
      /** Equal for plans that want the same predicates, the same of their texts, and all of them or a part. */
      readonly wants: string;
      readonly checkpoints: CheckpointRule;
    };

/**
 * What the rules for an image say of checkpoints: one that refuses them is enough, and all have to allow them. Where they say
 * nothing, a checkpoint is refused where it is known to be one.
 */
export type CheckpointRule = "refused" | "allowed" | "refused-where-known";

/** Plans by the rules that they are made of: a policy gives the same list for the same rules. */
const plans = { usual: new WeakMap<readonly Rule[], Plan>(), whole: new WeakMap<readonly Rule[], Plan>() };

/** What else than the rules has a say in what is read. */
export interface PlanOptions {
  /** Whether more evidence may turn a pass of any rule into a refusal, since an older copy of a statement may void it. */
  readonly copiesCount: boolean;
}

/** The rules that hold for an image in a namespace. All of them, never the first: a broad rule cannot undo a narrow one. */
export function plan(policy: Policy, query: RuleQuery, { copiesCount }: PlanOptions): Plan {
  const rules = policy.rulesFor(query);
  const cache = copiesCount ? plans.whole : plans.usual;
  const known = cache.get(rules);
  if (known !== undefined) return known;
  const made = planOf(rules, copiesCount);
  cache.set(rules, made);
  return made;
}

function planOf(rules: readonly Rule[], copiesCount: boolean): Plan {
  if (rules.length === 0) return { kind: "unmatched" };
  const asks = rules.flatMap(({ require }) => require);
  const wanted = [...new Set(asks.flatMap(({ predicateTypes }) => predicateTypes))];
  const needsAllEvidence = copiesCount || asks.some((each) => each.needsAllEvidence);
  const acceptsPartial = !needsAllEvidence;
  const texts = new Set(asks.flatMap(({ predicateTexts }) => predicateTexts));
  return {
    kind: "rules",
    rules,
    needsEvidence: asks.some(({ needsEvidence }) => needsEvidence),
    acceptsPartial,
    needsAllEvidence,
    wantsPredicate: (hint) => hint === undefined || isOfType(hint, wanted),
    predicateTexts: [...texts],
    wants: JSON.stringify([...[wanted, texts].map((types) => [...types].toSorted()), acceptsPartial]),
    checkpoints: checkpointRule(rules),
  };
}

function checkpointRule(rules: readonly Rule[]): CheckpointRule {
  const settings = rules.map(({ require }) => require.find(({ checkpoints }) => checkpoints)?.checkpoints);
  if (settings.includes("refused")) return "refused";
  return settings.every((setting) => setting === "allowed") ? "allowed" : "refused-where-known";
}

/** What one image is judged by. */
export interface Judgement extends PlanOptions, RuleQuery {
  readonly policy: Policy;
  readonly rules: readonly Rule[];
  readonly subject: Subject;
  readonly evidence: Evidence;
  readonly keys: readonly PublicKey[];
  readonly now: Date;
}

/**
 * Everything that the rules find wanting, in the order of the rules and gates. Where evidence has gaps, what they could
 * turn is a fault: a pass of a gate that more evidence can turn, and a refusal without something. Pure.
 */
export function judge(judgement: Judgement): Objection[] {
  return judgement.rules.flatMap((rule) =>
    rule.require.flatMap((requirement) => objectionsOf(requirement, rule, judgement)),
  );
}

function objectionsOf(
  requirement: Requirement,
  rule: Rule,
  { policy, subject, image, namespace, evidence, keys, now, copiesCount }: Judgement,
): Objection[] {
  const digest = isPinned(image) ? { digest: image.digest } : {};
  const found = requirement
    .objections({
      image,
      namespace,
      policy: { digest: policy.revision, isNamespaced: policy.isNamespaced },
      evidence,
      authorities: policy.authorities,
      keys,
      now,
    })
    .map((objection): Finding => {
      const named = { ...objection, ...signersIn(objection.message, requirement, policy) };
      return { kind: "finding", subject, ...digest, rule: rule.name, ...named };
    });
  const gaps = evidence.gaps.filter((gap) => concerns(gap, requirement));
  const isTurned = copiesCount || requirement.needsAllEvidence;
  if (gaps.length === 0 || (found.length === 0 && !isTurned)) return found;
  const about = { subject, rule: rule.name, gate: requirement.gate };
  return [...found.filter(({ code }) => STATED.has(code)), ...undecided(about, gaps)];
}

/** Who the authorities are that a message names; not where the signer has that very identity. */
function signersIn(message: string, { authorities }: Requirement, policy: Policy): Pick<Finding, "signers"> {
  const words = new Set(message.replace(/the identity of \S+/g, "").split(/[ ,;:()]+/));
  const named = authorities.filter(({ name }) => words.has(name));
  const signers = named.map(({ name }) => [name, policy.authorities.get(name)?.standsFor ?? "nobody"]);
  return signers.length === 0 ? {} : { signers: Object.fromEntries(signers) };
}

/** What something that was read says against the image. Every other finding says that something was not found. */
const STATED: ReadonlySet<FindingCode> = new Set([
  "reference/unpinned",
  "vulnerability/blocked",
  "vulnerability/scan-unreadable",
  "promotable/refused",
  "cel/refused",
]);

const MAX_NAMED = 3;
const MAX_MESSAGE = 600;

function concerns({ predicateType }: Gap, { needsEvidence, predicateTypes }: Requirement): boolean {
  if (!needsEvidence) return false;
  return predicateType === undefined || isOfType(predicateType, predicateTypes);
}

/** That a gate cannot be decided, one fault for each code among its gaps. */
function undecided(
  about: Required<Pick<FaultNotice, "subject" | "rule" | "gate">>,
  gaps: readonly Gap[],
): FaultNotice[] {
  return [...Map.groupBy(gaps, ({ code }) => code)].map(([code, alike]) => {
    const causes = alike.slice(0, MAX_NAMED).map(describeGap).join("; ");
    const more = alike.length > MAX_NAMED ? `; and ${alike.length - MAX_NAMED} more` : "";
    const message = `whether it passes ${about.gate} is not known: ${causes}${more}`;
    const { advice } = alike[0]!;
    const told = { message: printable(message, MAX_MESSAGE), ...(advice !== undefined && { advice }) };
    return { kind: "fault", code, ...about, ...told };
  });
}

/** The finding policy/unmatched, where the policy denies what it does not cover. */
export function unmatched(policy: Policy, subject: Subject, image: ImageRef): Finding[] {
  if (policy.unmatched === "allow") return [];
  const message = `no rule of the policy covers ${repositoryName(image)}`;
  const digest = isPinned(image) ? { digest: image.digest } : {};
  return [{ kind: "finding", code: "policy/unmatched", subject, ...digest, message }];
}
