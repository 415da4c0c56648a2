export { registerSync } from "./plugin.ts";
export type { ArgoCd, HookCluster, SyncDeps, SyncRecord } from "./ports.ts";
export { HOOK_EXIT, Report } from "./report.ts";
