import { type Danger, DANGERS, printable, type Problem } from "../core/index.ts";
import { readPlain } from "./plain.ts";

/** Dangerous settings of a document as what a lint prints, each with its line. Rule: `danger`. */
export function dangerProblems(text: string, dangers: readonly Danger[]): Problem[] {
  const plain = readPlain(text);
  if (!plain.ok) return [];
  return dangers.map(({ name, path }) => ({
    ...plain.value.placeOf(path),
    path: printable(path.join("."), 200),
    rule: "danger",
    message: `Danger: ${DANGERS[name]}.`,
  }));
}
