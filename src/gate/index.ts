export { createApprovals } from "./approvals/approvals.ts";
export { basisOf, type VerdictBasis } from "./basis.ts";
export { createGate } from "./create-gate.ts";
export { faultVerdict } from "./decide.ts";
export { DEFAULT_LIMITS } from "./evidence/limits.ts";
export {
  type JudgedAgain,
  judgeAgain,
  type RecordedEvidence,
  type RecordedReads,
  type RecordedRequest,
} from "./judge-again.ts";
export { lateFault } from "./evidence/single-flight.ts";
export type {
  AttachmentMemory,
  Gate,
  GateDeps,
  GateLimits,
  GateObserver,
  GateRequest,
  JointGate,
  Phase,
  RegistryPort,
  Warm,
  WarmOutcome,
  WarmRequest,
  WarmableGate,
} from "./ports.ts";
export { warmAll } from "./warm.ts";
