export { policyDangers } from "./dangers.ts";
export {
  describedKeys,
  type DescribedSigner,
  describedSigners,
  type SignerDetails,
  type SignerOf,
} from "./described-signers.ts";
export { type CountedEvidence, countedEvidence, type Counting } from "./counted.ts";
export { proofsSeen, type SeenProof } from "./explain.ts";
export type { Approver, Approvers } from "./approvers.ts";
export { principalId } from "./signers.ts";
export { GATES, newestSummaries, SUMMARY_TYPES, unpinned } from "./gates/index.ts";
export { type CheckpointRule, judge, type Plan, plan, unmatched } from "./judge.ts";
export { shortLists } from "./quorum-sizes.ts";
export { policyWeakenings } from "./weakenings.ts";
export {
  parsePolicy,
  type Policy,
  policyContent,
  policyFrom,
  policyJsonSchema,
  type Rule,
  type SecretKey,
} from "./policy.ts";
export { type PolicyChange, type PolicyEdit, policyEdit, type SignerChange } from "./policy-edit.ts";
export { outOfScope } from "./scope.ts";
export { type TrustedSigner, trustedSigners } from "./trusted-signers.ts";
