export { registerSync } from "./plugin.ts";
export type {
  ArgoCd,
  HookCluster,
  ReadyingDeps,
  ReadyingMeter,
  SyncDeps,
  SyncMeter,
  SyncRecord,
} from "./ports.ts";
export { createReadying, type Readying } from "./readying.ts";
export { HOOK_EXIT, Report } from "./report.ts";
export { createTargetStore } from "./target-store.ts";
