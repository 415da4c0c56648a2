export { RUNNING_PARTS } from "./application-parts.ts";
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
export { createTargetStore, type TargetStoreDeps } from "./target-store.ts";
export { targetOf } from "./target.ts";
