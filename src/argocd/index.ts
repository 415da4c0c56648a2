export type { Strategy } from "./adopt/changes.ts";
export type { Hook } from "./adopt/hook.ts";
export type { Found, Layer, SurveyOptions } from "./adopt/identity.ts";
export { jsonPatchOf } from "./adopt/json-patch.ts";
export { type Kustomization, readKustomization, speaksOfSources } from "./adopt/kustomizations.ts";
export { hasSources, isPartial, readArgoObject } from "./adopt/objects.ts";
export type { ProjectNote } from "./adopt/project-notes.ts";
export type { Candidate } from "./adopt/subjects.ts";
export { type Survey, survey } from "./adopt/survey.ts";
export { type GatePod, type UnansweredHookDeps, unansweredHook } from "./hook/unanswered-hook.ts";
export { unstartedHook } from "./hook/unstarted-hook.ts";
export type { HookNotice } from "./hook/waiting-hook.ts";
export { RUNNING_PARTS } from "./application-parts.ts";
export { type ArgoCdClient, createArgoCd } from "./client.ts";
export { registerSync } from "./plugin.ts";
export type {
  ArgoCd,
  ArgoCdReplica,
  HookCluster,
  SyncPrewarmDeps,
  SyncPrewarmMeter,
  SyncDeps,
  SyncMeter,
  SyncRecord,
} from "./ports.ts";
export { HOOK_EXIT, Report } from "./report.ts";
export { type SyncPrewarm, createSyncPrewarm } from "./sync-prewarm.ts";
export { type TargetStoreDeps, createTargetStore } from "./target/target-store.ts";
export { targetOf } from "./target/target.ts";
