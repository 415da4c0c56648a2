import type { PartPath } from "../core/index.ts";

/** The parts of an Application that say what its syncs apply: not its managed fields, and not its list of resources. */
export const APPLICATION_PARTS: readonly PartPath[] = [
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["metadata", "uid"],
  ["metadata", "generation"],
  ["metadata", "resourceVersion"],
  ["spec"],
  ["operation"],
  ["status", "sync"],
  ["status", "summary"],
  ["status", "operationState", "phase"],
  ["status", "operationState", "operation"],
  ["status", "operationState", "finishedAt"],
  ["status", "operationState", "syncResult", "source"],
  ["status", "operationState", "syncResult", "sources"],
  ["status", "operationState", "syncResult", "revision"],
  ["status", "operationState", "syncResult", "revisions"],
];
