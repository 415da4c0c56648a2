import { type Problem, EXIT, type ExitCode } from "../core/index.ts";
import { jsonAnswer } from "./json-answer.ts";
import { print, readText, say } from "./terminal.ts";

export interface LintOptions {
  readonly output: "text" | "json";
}

/**
 * Lints files and prints `file:line:column: message [rule]` for each problem, or JSON. Exits 10 where there are any. Dangerous
 * settings, where the kind of document has some, are named and counted, and are not problems.
 */
export function lintFiles(
  files: readonly string[],
  lint: (text: string) => readonly Problem[],
  { output }: LintOptions,
  dangersIn?: (text: string) => readonly Problem[],
): ExitCode {
  const texts = files.map((file) => ({ file, text: readText(file) }));
  const problems = texts.flatMap(({ file, text }) => lint(text).map((problem) => ({ file, ...problem })));
  const dangers = texts.flatMap(({ file, text }) =>
    (dangersIn?.(text) ?? []).map((danger) => ({ file, ...danger })),
  );
  if (output === "json") print(jsonAnswer({ problems, ...(dangersIn && { dangers }) }));
  else {
    for (const problem of problems) print(problemLine(problem));
    for (const danger of dangers) say(problemLine(danger));
    if (dangers.length > 0) say(`${dangers.length} dangerous setting(s).`);
    say(problems.length === 0 ? "No problems." : `${problems.length} problem(s).`);
  }
  return problems.length === 0 ? EXIT.allowed : EXIT.refused;
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
