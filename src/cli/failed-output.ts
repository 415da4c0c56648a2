import { writeSync } from "node:fs";

import { EXIT, type ExitCode } from "../core/index.ts";

/** What became of standard output and standard error. */
export interface WatchedOutput {
  /** The exit code of a command that ended with `code`: 12 where some of what it wrote is lost, which one sentence says. */
  readonly settle: (code: ExitCode) => Promise<ExitCode>;
}

/**
 * Watches both streams. A reader that went away (`mc … | head`) is not a failure, and does not change what the command
 * comes to. A disk that is full is one: anyone who reads the output later would take a part for the whole.
 */
export function watchOutput(): WatchedOutput {
  let lost: string | undefined;
  const watch = (name: string, stream: NodeJS.WriteStream): void => {
    stream.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      if (code !== "EPIPE" && code !== "ERR_STREAM_DESTROYED")
        lost ??= `mc cannot write to ${name}: ${message}`;
    });
  };
  watch("standard output", process.stdout);
  watch("standard error", process.stderr);
  return {
    settle: async (code) => {
      await Promise.all([written(process.stdout), written(process.stderr)]);
      if (lost === undefined) return code;
      sayAtLast(lost);
      return EXIT.usage;
    },
  };
}

/** Resolves when everything before is written, or has failed. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve();
  return new Promise((resolve) => stream.write("", () => setImmediate(resolve)));
}

/** A last sentence on standard error, where that still takes one. */
export function sayAtLast(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // There is nowhere left to say it.
  }
}
