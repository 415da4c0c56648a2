import type { MessagePort } from "node:worker_threads";

import { asFault } from "../core/index.ts";
import type { TaskAnswer, TaskMessage, TaskTable } from "./messages.ts";

/** The thread's side: answers each message with what the task of that name gives, or the fault that it ends with. */
export function serveTasks(tasks: TaskTable, port: MessagePort): void {
  const post = (answer: TaskAnswer): void => port.postMessage(answer);
  port.on("message", ({ id, name, input }: TaskMessage) => {
    try {
      post({ id, result: tasks[name]!(...(input as never[])) });
    } catch (error) {
      const { code, message } = asFault(error); // also of a result that cannot be copied
      post({ id, fault: { code, message } });
    }
  });
}
