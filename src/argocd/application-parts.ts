import type { PartPath } from "../core/index.ts";

/** The parts of an Application that say what its syncs apply: not its managed fields. Of the resources only where they are: a fault follows the strictest of these namespaces. */
export const APPLICATION_PARTS: readonly PartPath[] = [
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["metadata", "uid"],
  ["metadata", "generation"],
  ["spec"],
  ["operation"],
  ["status", "resources", "*", "namespace"],
  ["status", "operationState", "phase"],
  ["status", "operationState", "operation"],
  ["status", "operationState", "finishedAt"],
  ["status", "operationState", "syncResult", "source"],
  ["status", "operationState", "syncResult", "sources"],
  ["status", "operationState", "syncResult", "revision"],
  ["status", "operationState", "syncResult", "revisions"],
];

/** The parts of an Application that are read where its sync runs: those that say what is applied, and which hooks run. */
export const RUNNING_PARTS: readonly PartPath[] = [
  ...APPLICATION_PARTS,
  ["status", "operationState", "syncResult", "resources"],
];
