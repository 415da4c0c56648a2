export { createApprovals } from "./approvals.ts";
export { createGate } from "./create-gate.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export {
  type AttachmentMemory,
  type Gate,
  type GateDeps,
  type GateLimits,
  type GateObserver,
  type GateRequest,
  type Phase,
  type RegistryPort,
} from "./ports.ts";
