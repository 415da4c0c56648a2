import { parentPort } from "node:worker_threads";

import { serveTasks } from "../../offload/index.ts";
import { READ_TASKS } from "./read-tasks.ts";

if (parentPort === null) throw new Error("this file runs in a worker thread");
serveTasks(READ_TASKS, parentPort);
