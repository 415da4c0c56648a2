export { approvalKey, type Fact, type DigestOfDocument, type RecordedBasis, recordedBasis } from "./facts.ts";
export { openRecord, type DocumentInForce, type RecordFolder, type Recorder } from "./recorder.ts";
export type { RecordEntry } from "./chain.ts";
export { bareText, factsOf } from "./line-parts.ts";
export { readRecord } from "./read-files.ts";
export type { ReadLine, RecordProblem, RecordReport } from "./read-record.ts";
export { type DecisionLine, type FactLine, recordJsonSchema, type RecordLine } from "./schema.ts";
