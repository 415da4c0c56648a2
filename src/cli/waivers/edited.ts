import type { Parsed, Problem } from "../../core/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { print, say } from "../terminal.ts";
import { writeWhole } from "../write-whole.ts";
import { lineDiff } from "./line-diff.ts";

/** Version of the JSON answers; a change that readers must know of raises it. */
const JSON_VERSION = 1;

/** What every command takes that edits a waiver document. */
export interface EditOptions {
  /** The waiver document. */
  readonly waivers: string;
  /** Print what would change, and write nothing. */
  readonly dryRun: boolean;
  readonly output: "text" | "json";
  /** The clock. */
  readonly at?: Date;
}

/** An edit, what it is to be called, and what JSON says of it. */
export interface Edit {
  readonly before: string;
  readonly after: Parsed<string>;
  /** Completes "Written to FILE: …". */
  readonly what: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Writes an edit as a whole, or shows it. Nothing is written where the result would have new problems. */
export function finishEdit(edit: Edit, options: EditOptions): ExitCode {
  const { after, entry } = edit;
  if (!after.ok) return refused(after.problems, entry, options);
  const { waivers: file, dryRun, output } = options;
  const written = isWritten(options);
  const diff = lineDiff(edit.before, after.value);
  if (written) writeWhole(file, after.value);
  if (output === "json") print(JSON.stringify(answer({ written, entry, diff, problems: [] }), undefined, 2));
  else print(file === "-" && !dryRun ? after.value.replace(/\r?\n$/, "") : diff);
  say(written ? `Written to ${file}: ${edit.what}.` : `Nothing is written to a file: ${edit.what}.`);
  return EXIT.allowed;
}

function refused(found: readonly Problem[], entry: Edit["entry"], options: EditOptions): ExitCode {
  const problems = found.map((problem) => ({ file: options.waivers, ...problem }));
  if (options.output === "json")
    print(JSON.stringify(answer({ written: false, entry, diff: "", problems }), undefined, 2));
  for (const problem of problems) say(problemLine(problem));
  say("Nothing is written.");
  return EXIT.refused;
}

function answer(told: object): object {
  return { version: JSON_VERSION, ...told };
}

/** Standard input has no file to write to: the document goes to standard output. */
function isWritten({ waivers, dryRun }: EditOptions): boolean {
  return !dryRun && waivers !== "-";
}
