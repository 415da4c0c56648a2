import { EXIT, type ExitCode, type Parsed, type Problem } from "../core/index.ts";
import { type MigratedDocument, migrateKeys } from "../documents/index.ts";
import { editFile } from "./edit-file.ts";
import { jsonAnswer } from "./json-answer.ts";
import { problemLine } from "./problems.ts";
import { print, readText, say } from "./terminal.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** What every command takes that migrates documents. */
export interface MigrateOptions {
  /** Write nothing, and tell whether there is something to do. */
  readonly check: boolean;
  readonly output: "text" | "json";
}

/** What became of one file. */
interface MigratedFile {
  readonly file: string;
  readonly written: boolean;
  /** Keys that were renamed, or would be. */
  readonly renamed: readonly object[];
  readonly diff: string;
  readonly problems: readonly Problem[];
}

/**
 * Rewrites the renamed keys of documents, each file as a whole, and shows how; `-` is standard input, whose document goes to
 * standard output. Exits 10 where a document cannot be rewritten and, with `check`, where there is something to do.
 */
export async function migrateFiles(files: readonly string[], options: MigrateOptions): Promise<ExitCode> {
  const told: MigratedFile[] = [];
  for (const file of files) told.push(await migrateFile(file, options));
  if (options.output === "json") print(jsonAnswer({ files: told }));
  const isOpen = told.some(
    ({ problems, renamed }) => problems.length > 0 || (options.check && renamed.length > 0),
  );
  return isOpen ? EXIT.refused : EXIT.allowed;
}

async function migrateFile(file: string, options: MigrateOptions): Promise<MigratedFile> {
  const isWritten = !options.check && file !== "-";
  const { before, migrated } = isWritten ? await editFile(file, edited) : edited(readText(file)).result;
  const told = toldOf(file, before, { migrated, isWritten });
  if (options.output === "text") sayOf(told, { migrated, isWritten });
  return told;
}

interface Edited {
  readonly before: string;
  readonly migrated: Parsed<MigratedDocument>;
}

function edited(before: string): { readonly text: string | undefined; readonly result: Edited } {
  const migrated = migrateKeys(before);
  const isChanged = migrated.ok && migrated.value.migrations.length > 0;
  return { text: isChanged ? migrated.value.text : undefined, result: { before, migrated } };
}

interface Outcome {
  readonly migrated: Parsed<MigratedDocument>;
  /** Whether the file takes what results. */
  readonly isWritten: boolean;
}

function toldOf(file: string, before: string, { migrated, isWritten }: Outcome): MigratedFile {
  if (!migrated.ok) return { file, written: false, renamed: [], diff: "", problems: migrated.problems };
  const { migrations } = migrated.value;
  const labelled = migrations.map(({ old, now, splices }) => ({ label: `${old} → ${now}`, splices }));
  return {
    file,
    written: isWritten && migrations.length > 0,
    renamed: migrations.map(({ line, column, path, old, now }) => ({ line, column, path, old, now })),
    diff: unifiedDiff(file, { before, after: migrated.value.text, edits: labelled }),
    problems: [],
  };
}

function sayOf({ file, renamed, diff, problems }: MigratedFile, { migrated, isWritten }: Outcome): void {
  for (const problem of problems) say(problemLine({ file, ...problem }));
  if (!migrated.ok) {
    say(`${file}: nothing is written.`);
    return;
  }
  if (file === "-") process.stdout.write(migrated.value.text);
  else if (diff !== "") print(diff);
  if (renamed.length === 0) say(`${file}: nothing to migrate.`);
  else say(`${file}: ${renamed.length} renamed${isWritten ? "" : "; nothing is written"}.`);
}
