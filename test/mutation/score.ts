import { readFileSync } from "node:fs";

import type { Line } from "./results.ts";

const FOUND: readonly string[] = ["Killed", "Timeout"];
const MISSED: readonly string[] = ["Survived", "NoCoverage"];

/** `87.5 % of 120: 100 killed, 5 timeouts, 10 survived (4 texts), 5 without a test (12 ignored, 3 not tried yet)`. */
export function scoreOf(lines: readonly Line[]): string {
  const count = (...statuses: readonly string[]): number =>
    lines.filter(({ status = "" }) => statuses.includes(status)).length;
  const [found, missed] = [count(...FOUND), count(...MISSED)];
  const percent = found + missed === 0 ? "no score" : `${((100 * found) / (found + missed)).toFixed(1)} %`;
  const texts = lines.filter((each) => each.status === "Survived" && isText(each)).length;
  const parts = `${count("Killed")} killed, ${count("Timeout")} timeouts, ${count("Survived")} survived (${texts} texts)`;
  const others = `${count("Ignored")} ignored, ${count("")} not tried yet`;
  return `${percent} of ${found + missed}: ${parts}, ${count("NoCoverage")} without a test (${others})`;
}

/** A line for each mutant that no test noticed: its place, what stands there, what stood there instead. */
export function survivorsOf(lines: readonly Line[]): string[] {
  return lines
    .filter(({ status = "" }) => MISSED.includes(status))
    .map((each) => {
      const { line, text } = placeOf(each);
      const what = `${each.mutator}: ${oneLine(text)} → ${oneLine(each.replacement)}`;
      return `${each.file}:${line}  ${what}${each.status === "NoCoverage" ? "  (no test)" : ""}\n`;
    });
}

/** A sentence for people: nothing that decides looks at its words. */
function isText(mutant: Line): boolean {
  return mutant.mutator === "StringLiteral" && /\w \S*\w/.test(placeOf(mutant).text);
}

function placeOf({ file, range }: Line): { readonly line: number; readonly text: string } {
  const [fromLine, fromColumn, toLine, toColumn] = range.split(/[:-]/).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .slice(fromLine - 1, toLine);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, toColumn);
  lines[0] = lines[0]!.slice(fromColumn);
  return { line: fromLine, text: lines.join("\n") };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}
