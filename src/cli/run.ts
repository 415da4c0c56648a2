import { CommanderError } from "commander";

import packageFile from "../../package.json" with { type: "json" };
import { Fault, FAULTS } from "../core/index.ts";
import { EXIT, type ExitCode, RetryLater, UsageError } from "./exit-codes.ts";
import { buildProgram } from "./program.ts";
import { say } from "./terminal.ts";

/** Runs a command by its words, and gives its exit code. Never rejects: what is thrown is explained on stderr. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.allowed;
  const program = buildProgram(packageFile.version, async (ended) => {
    code = await ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return explain(error);
  }
}

/** Says on stderr what ended the command, and gives its exit code. Commander has said its own by itself. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.allowed : EXIT.usage;
  if (error instanceof Fault) {
    say(`${error.message} [${error.code}]. ${FAULTS[error.code].fix}`);
    return EXIT.unknown;
  }
  if (error instanceof RetryLater) {
    say(`${error.message}.`);
    return EXIT.unknown;
  }
  const isUsage = error instanceof UsageError;
  say(isUsage ? error.message : String(error instanceof Error ? (error.stack ?? error.message) : error));
  return EXIT.usage;
}
