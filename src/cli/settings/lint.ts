import type { ExitCode, Problem } from "../../core/index.ts";
import { readDocument } from "../../documents/index.ts";
import { Settings } from "../../serve/index.ts";
import { lintFiles, type LintOptions } from "../problems.ts";

/** `mc settings lint`: every problem of settings files, with line and rule. */
export function settingsLint(files: readonly string[], options: LintOptions): ExitCode {
  return lintFiles(files, problemsIn, options);
}

function problemsIn(text: string): readonly Problem[] {
  const read = readDocument(text, Settings);
  return read.ok ? [] : read.problems;
}
