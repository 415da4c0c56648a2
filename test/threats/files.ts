import { globSync } from "node:fs";
import { basename, join } from "node:path";

const PROJECT = join(import.meta.dirname, "../..");
const NAME = /^([a-i]\d+)-[a-z0-9-]+\.test\.ts$/;

/** The tests of numbered threats, by number: paths from the project's folder. */
export function filesByNumber(): ReadonlyMap<string, string> {
  const files = globSync("test/{threats,e2e}/**/*.test.ts", { cwd: PROJECT });
  const named = files.map((file) => [NAME.exec(basename(file))?.[1]?.toUpperCase(), file] as const);
  return new Map(named.filter((pair): pair is [string, string] => pair[0] !== undefined));
}

/** The test of one number; undefined where there is none. */
export function fileOf(number: string): string | undefined {
  return filesByNumber().get(number);
}
