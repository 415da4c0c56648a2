export type { TaskTable } from "./messages.ts";
export { createOffload, type Offload } from "./offload.ts";
export { serveTasks } from "./serve-tasks.ts";
