import { readWorkload } from "../../admission/index.ts";

/** What is read in a thread of its own where it is large. */
export const READ_TASKS = { readWorkload };
/** See READ_TASKS. */
export type ReadTasks = typeof READ_TASKS;
