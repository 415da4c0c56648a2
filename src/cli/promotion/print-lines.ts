import { once } from "node:events";

import { RetryLater } from "../../core/index.ts";

/** Prints a value as one line of JSON, and waits where its reader is slow: the lines are not kept. */
export async function printLine(value: object): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, "drain");
}

/** A signal that the first Ctrl-C aborts, so that what is under way ends in order; the second one ends the program. */
export function interruptible(message: string): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new RetryLater(message));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
