export { casesJsonSchema } from "./cases-document.ts";
export { type CaseResult, readCases, runCases } from "./run-cases.ts";
export { type Candidate, Replay, type Replayed } from "./replay.ts";
export type { Change, ReplayGroup, ReplayReport } from "./replay-groups.ts";
