import { type Parsed, type Problem, EXIT, type ExitCode } from "../../core/index.ts";
import { editFile } from "../edit-file.ts";
import { jsonAnswer } from "../json-answer.ts";
import { problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { unifiedDiff } from "../unified-diff.ts";

/** What every command takes that edits a waiver document. */
export interface EditOptions {
  readonly waivers: string;
  /** Print what would change, and write nothing. */
  readonly dryRun: boolean;
  readonly output: "text" | "json";
  /** The clock. */
  readonly at?: Date;
}

/** An edit, what it is to be called, and what JSON says of it. */
export interface Edit {
  readonly after: Parsed<string>;
  /** Completes "Written to FILE: …". */
  readonly what: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** An edit of the document's text; a sentence where there is nothing to do. Throws UsageError. Has no effects. */
export type MakeEdit = (before: string) => Edit | string;

/** Makes an edit and writes it as a whole, or shows it. Nothing is written where the result would have new problems. */
export async function editWaivers(options: EditOptions, make: MakeEdit): Promise<ExitCode> {
  const { before, edit } = await made(options, make);
  if (typeof edit === "string") {
    say(`${edit}; nothing is written.`);
    return EXIT.allowed;
  }
  const { after, entry } = edit;
  if (!after.ok) return refused(after.problems, entry, options);
  const { waivers: file, dryRun, output } = options;
  const written = isWritten(options);
  const diff = unifiedDiff(file, { before, after: after.value });
  if (output === "json") print(jsonAnswer({ written, entry, diff, problems: [] }));
  else print(file === "-" && !dryRun ? after.value.replace(/\r?\n$/, "") : diff);
  say(written ? `Written to ${file}: ${edit.what}.` : `Nothing is written to a file: ${edit.what}.`);
  return EXIT.allowed;
}

interface Made {
  readonly before: string;
  readonly edit: Edit | string;
}

async function made(options: EditOptions, make: MakeEdit): Promise<Made> {
  const { waivers: file } = options;
  const makeOf = (before: string): Made => ({ before, edit: make(before) });
  if (!isWritten(options)) return makeOf(readText(file));
  return editFile(file, (before) => {
    const result = makeOf(before);
    const { edit } = result;
    return { text: typeof edit !== "string" && edit.after.ok ? edit.after.value : undefined, result };
  });
}

function refused(found: readonly Problem[], entry: Edit["entry"], options: EditOptions): ExitCode {
  const problems = found.map((problem) => ({ file: options.waivers, ...problem }));
  if (options.output === "json") print(jsonAnswer({ written: false, entry, diff: "", problems }));
  for (const problem of problems) say(problemLine(problem));
  say("Nothing is written.");
  return EXIT.refused;
}

/** Standard input has no file to write to: the document goes to standard output. */
function isWritten({ waivers, dryRun }: EditOptions): boolean {
  return !dryRun && waivers !== "-";
}
