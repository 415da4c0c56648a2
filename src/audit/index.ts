export type { AuditRegistry } from "./what-runs.ts";
export { audit, type Audit, type AuditDeps, type AuditedImage } from "./audit.ts";
export type { AuditCluster, AuditGap } from "./ports.ts";
export {
  preflight,
  type Admit,
  type Forecast,
  type JudgedWorkload,
  type Preflight,
  type PreflightDeps,
  type PreflightNamespace,
} from "./preflight.ts";
export { exemptNamespaces } from "./exempt-namespaces.ts";
export type { Workload } from "./workload.ts";
