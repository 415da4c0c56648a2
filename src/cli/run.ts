import { type Command, CommanderError } from "commander";

import packageFile from "../../package.json" with { type: "json" };
import { EXIT, type ExitCode, Fault, fixOf, noticeOf, RetryLater, UsageError } from "../core/index.ts";
import type { HelpAbout } from "./help-about.ts";
import { buildProgram } from "./program.ts";
import { renamedWord } from "./renamed-words.ts";
import { say } from "./terminal.ts";

/** Runs a command by its words, and gives its exit code. Never rejects: what is thrown is explained on stderr. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  const renamed = renamedWord(args);
  if (renamed !== undefined) {
    say(renamed);
    return EXIT.usage;
  }
  let code: ExitCode = EXIT.allowed;
  const program = buildProgram(packageFile.version, async (ended) => {
    code = await ended;
  });
  try {
    const about = await asksForHelp(program, args);
    if (about !== undefined && "problem" in about) {
      say(about.problem);
      return EXIT.usage;
    }
    await program.parseAsync(about?.args ?? args, { from: "user" });
    return code;
  } catch (error) {
    const { text, code: ended } = explain(error);
    if (text !== "") say(text);
    return ended;
  }
}

async function asksForHelp(program: Command, args: readonly string[]): Promise<HelpAbout | undefined> {
  if (!args.includes("help")) return undefined;
  const { helpAbout } = await import("./help-about.ts"); // help by option must not wait for it
  return helpAbout(program, args);
}

/** What ended a command, for people, and its exit code. */
export interface Explanation {
  /** Empty where it was said already. */
  readonly text: string;
  readonly code: ExitCode;
}

/**
 * Explains what was thrown. Commander has said its own by itself. What the machine refuses (a full disk, a right that
 * is missing) is the set-up's; what no one foresaw says nothing about an image.
 */
export function explain(error: unknown): Explanation {
  if (error instanceof CommanderError)
    return { text: "", code: error.exitCode === 0 ? EXIT.allowed : EXIT.usage };
  if (error instanceof Fault)
    return { text: `${error.message} [${error.code}]. ${fixOf(noticeOf(error))}`, code: EXIT.unknown };
  if (error instanceof RetryLater) return { text: `${error.message}.`, code: EXIT.unknown };
  if (error instanceof UsageError) return { text: error.message, code: EXIT.usage };
  if (isSystemError(error)) return { text: `mc cannot continue: ${error.message}`, code: EXIT.usage };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `mc failed unexpectedly; please report this: ${text}`, code: EXIT.unknown };
}

/** An error of the operating system. Source: Node.js, "Errors", class SystemError. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && "errno" in error;
}
