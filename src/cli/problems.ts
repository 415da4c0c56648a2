import { type Parsed, type Problem, EXIT, type ExitCode, UsageError } from "../core/index.ts";
import { type DocumentText, documentTexts } from "./document-texts.ts";
import { jsonAnswer } from "./json-answer.ts";
import { print, readText, say } from "./terminal.ts";

export interface LintOptions {
  readonly output: "text" | "json";
}

/** A kind of document, as its lint takes it. */
export interface LintedKind {
  /** The key that a ConfigMap holds it under. */
  readonly key: string;
  readonly lint: (text: string) => readonly Problem[];
  /** Dangerous settings, where the kind has some. */
  readonly dangersIn?: (text: string) => readonly Problem[];
}

/**
 * Lints files, each the document itself or manifests with ConfigMaps that hold it, and prints `file:line:column: message
 * [rule]` for each problem, or JSON. Exits 10 where there are any, and 12 where a file cannot be read, after the others.
 * Dangerous settings, where the kind of document has some, are named and counted, and are not problems.
 */
export function lintFiles(
  files: readonly string[],
  { key, lint, dangersIn }: LintedKind,
  { output }: LintOptions,
): ExitCode {
  const read = files.map((file) => readFor(file, key));
  const problems = read.flatMap(({ file, texts, problem }) => [
    ...(problem === undefined ? [] : [{ file, ...problem }]),
    ...placed(file, texts, lint),
  ]);
  const dangers = read.flatMap(({ file, texts }) => placed(file, texts, dangersIn ?? (() => [])));
  if (output === "json") print(jsonAnswer({ problems, ...(dangersIn && { dangers }) }));
  else {
    for (const problem of problems) print(problemLine(problem));
    for (const danger of dangers) say(problemLine(danger));
    if (dangers.length > 0) say(`${dangers.length} dangerous setting(s).`);
    say(problems.length === 0 ? "No problems." : `${problems.length} problem(s).`);
  }
  if (read.some(({ problem }) => problem?.rule === UNREADABLE)) return EXIT.usage;
  return problems.length === 0 ? EXIT.allowed : EXIT.refused;
}

const UNREADABLE = "unreadable";

interface ReadFile {
  readonly file: string;
  readonly texts: readonly DocumentText[];
  readonly problem?: Problem;
}

/** The documents of a file, or why it holds none. */
function readFor(file: string, key: string): ReadFile {
  const whole = (message: string, rule: string): ReadFile => ({
    file,
    texts: [],
    problem: { line: 1, column: 1, path: "", message, rule },
  });
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    if (error instanceof UsageError) return whole(`${error.message}.`, UNREADABLE);
    throw error;
  }
  if (text.replaceAll(/^\s*#.*$/gm, "").trim() === "") return whole("It is empty.", "empty");
  const texts = documentTexts(text, key);
  return texts.length > 0
    ? { file, texts }
    : whole(`It holds Kubernetes objects, and none is a ConfigMap with the key ${key}.`, "no-document");
}

function placed(
  file: string,
  texts: readonly DocumentText[],
  find: (text: string) => readonly Problem[],
): (Problem & { readonly file: string })[] {
  return texts.flatMap(({ text, placeOf }) =>
    find(text).map((problem) => ({ file, ...problem, ...placeOf(problem) })),
  );
}

/** What was read from a file. Throws UsageError with its problems, a line each. */
export function accepted<T>(file: string, parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw unusable(file, parsed.problems);
}

/** The problems of a file that cannot be used, a line each. */
export function unusable(file: string, problems: readonly Problem[]): UsageError {
  return new UsageError(problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
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
