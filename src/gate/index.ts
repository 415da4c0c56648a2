export { createApprovals } from "./approvals.ts";
export { createGate } from "./create-gate.ts";
export { faultVerdict } from "./decide.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export {
  type AttachmentMemory,
  type Gate,
  type GateDeps,
  type GateLimits,
  type GateObserver,
  type GateRequest,
  type JointGate,
  type Phase,
  type RegistryPort,
  type Warm,
  type WarmableGate,
  type WarmOutcome,
  type WarmRequest,
} from "./ports.ts";
export { before } from "./single-flight.ts";
export { warmAll } from "./warm.ts";
