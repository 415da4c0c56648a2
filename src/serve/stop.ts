import type { Logger } from "pino";

import { EXIT, type ExitCode } from "../core/index.ts";

/** Less than the 45 s after which the kubelet kills the pod. */
const MAX_CLOSE_MS = 40_000;
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const;
const UNFORESEEN = ["uncaughtException", "unhandledRejection"] as const;

/** How a running gate comes to its end. */
export interface Stop {
  /** Resolves at the first signal or unforeseen error. */
  readonly requested: Promise<void>;
  /** From here on there is something to close; before, the process ends at once. */
  readonly serving: () => void;
  /** To be called when everything is closed; the process ends then. */
  readonly done: () => void;
}

/** What ends a process. */
export interface StopOptions {
  readonly log: Pick<Logger, "info" | "error">;
  /** Ends the process, whatever else is under way. */
  readonly end: (code: ExitCode) => void;
}

/**
 * Ends a gate in order at a signal, and as well as it can at an error that nothing caught: then with exit code 11. A second
 * signal or error, or 40 s without an end, ends it at once.
 */
export function onStop({ log, end }: StopOptions): Stop {
  const asked = Promise.withResolvers<void>();
  let isServing = false;
  let code: ExitCode | undefined;

  function ask(reason: object, wanted: ExitCode): void {
    const isFirst = code === undefined;
    code = isFirst ? wanted : EXIT.unknown;
    if (wanted === EXIT.allowed) log.info(reason, "stopping");
    else log.error(reason, "stopping");
    asked.resolve();
    if (!isFirst || !isServing) return end(code);
    setTimeout(() => end(EXIT.unknown), MAX_CLOSE_MS);
  }

  for (const signal of SIGNALS) process.on(signal, () => ask({ signal }, EXIT.allowed));
  for (const event of UNFORESEEN) {
    process.removeAllListeners(event); // a command's own way out ends at once
    process.on(event, (error: unknown) => ask({ error: textOf(error) }, EXIT.unknown));
  }
  return {
    requested: asked.promise,
    serving: () => {
      isServing = true;
    },
    done: () => end(code ?? EXIT.allowed),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Ends this process. A write that does not come back would keep it from ending (the thread that makes it is waited for), so
 * then it kills itself.
 */
export function endProcess(code: ExitCode, isStuck: () => boolean): void {
  if (isStuck()) process.kill(process.pid, "SIGKILL");
  process.exit(code);
}
