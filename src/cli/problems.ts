import { type Problem, EXIT, type ExitCode } from "../core/index.ts";
import { print, readText, say } from "./terminal.ts";

/** What a lint command takes. */
export interface LintOptions {
  readonly output: "text" | "json";
}

/** Lints files and prints `file:line:column: message [rule]` for each problem, or JSON. Exits 10 where there are any. */
export function lintFiles(
  files: readonly string[],
  lint: (text: string) => readonly Problem[],
  { output }: LintOptions,
): ExitCode {
  const found = files.flatMap((file) => lint(readText(file)).map((problem) => ({ file, ...problem })));
  if (output === "json") print(JSON.stringify({ problems: found }, undefined, 2));
  else for (const problem of found) print(problemLine(problem));
  if (output === "text") say(found.length === 0 ? "No problems." : `${found.length} problem(s).`);
  return found.length === 0 ? EXIT.allowed : EXIT.refused;
}

/** `file:line:column: path: message [rule]`, as editors and CI read it. */
export function problemLine({
  file,
  line,
  column,
  path,
  message,
  rule,
}: Problem & { readonly file: string }): string {
  return `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message} [${rule}]`;
}
