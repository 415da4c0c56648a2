export { createGuard } from "./answer-guard.ts";
export type { Authorize } from "./edit-rights.ts";
export type { GuardedDocument } from "./guard-documents.ts";
export type { GuardRecord } from "./guard-record.ts";
export type { GuardDeps } from "./ports.ts";
