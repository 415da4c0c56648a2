import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One mutation of one place. */
export interface Mutant {
  readonly file: string;
  /** As Stryker takes it: `12:4-12:20`, lines from 1. */
  readonly range: string;
  readonly mutator: string;
  readonly replacement: string;
  /** Digest of the file that it is a mutation of. */
  readonly of: string;
}

/** What became of it: Killed, Timeout, Survived, NoCoverage, Ignored, RuntimeError. */
export interface Tried extends Mutant {
  readonly status: string;
}

/** One line of a results file: a mutant that is to be tried, or one that was. */
export type Line = Mutant & { readonly status?: string };

/** The file in which a folder's results are kept, a line for each. */
export function resultsFile(results: string, folder: string): string {
  return join(results, `${folder}.jsonl`);
}

/** Adds lines, at once, so that nothing is lost when the run is ended. */
export function addLines(file: string, lines: readonly Line[]): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, lines.map((each) => `${JSON.stringify(each)}\n`).join(""));
}

/** What is known of a folder: every mutant of files that are still the same, with its last status. */
export function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  const known = new Map<string, Line>();
  for (const text of readFileSync(file, "utf8").split("\n")) {
    if (!text.endsWith("}")) continue; // the last line of a run that was killed
    const line = JSON.parse(text) as Line;
    const key = JSON.stringify([line.file, line.range, line.mutator, line.replacement, line.of]);
    known.set(key, line.status === undefined ? (known.get(key) ?? line) : line);
  }
  const digests = new Map<string, string | undefined>();
  return [...known.values()].filter(({ file: of, of: digest }) => {
    if (!digests.has(of)) digests.set(of, digestOfFile(of));
    return digests.get(of) === digest;
  });
}

/** Digest of a file; undefined where there is none. */
export function digestOfFile(file: string): string | undefined {
  return existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : undefined;
}
