import { isDeepStrictEqual } from "node:util";

import { parseJson, type Parsed, type Problem } from "../core/index.ts";
import { readPlain } from "../documents/index.ts";
import { entryLines, type RevocationEntry } from "./entry-yaml.ts";
import { parseRevocations } from "./revocations.ts";

const KEY = /^revocations:/;
/** A line of the list: indented, or a dash in the first column. */
const INSIDE = /^(?:\s+\S|-(?:\s|$))/;

/**
 * The document with entries at the end of its list, every other byte as it was. Both texts are read: a document that has
 * problems is not touched, and the result is refused where anything but the entries differs. Rules: those of
 * `parseRevocations`, `no-block-list` where the list is not written with dashes, `not-appended`.
 */
export function appendRevocations(text: string, entries: readonly RevocationEntry[]): Parsed<string> {
  const before = parseRevocations(text);
  if (!before.ok) return before;
  const result = inserted(text, entries);
  if (result === undefined) {
    const message = "The list is not written as lines that begin with a dash; write it so, or add by hand.";
    return no("no-block-list", message);
  }
  const after = parseRevocations(result);
  if (!after.ok) return after;
  if (isAppended(text, result, entries)) return { ok: true, value: result };
  return no("not-appended", "More than the new entries would change; add them by hand.");
}

function inserted(text: string, entries: readonly RevocationEntry[]): string | undefined {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const key = lines.findIndex((line) => KEY.test(line));
  if (key < 0) return undefined;
  const empty = /^(revocations:)\s*\[\s*\](\s*#.*)?\s*$/.exec(lines[key]!);
  if (empty !== null) {
    const block = blockOf(entries, { indent: "  ", spaced: false });
    return lines.toSpliced(key, 1, `${empty[1]!}${empty[2] ?? ""}`, ...block).join(end);
  }
  if (!/^revocations:\s*(?:#.*)?$/.test(lines[key]!)) return undefined;
  const last = lastInside(lines, key);
  const indent = /^\s*(?=-)/.exec(lines.slice(key + 1).find((line) => /^\s*-/.test(line)) ?? "")?.[0];
  if (last === key || indent === undefined) return undefined;
  const spaced = lines.slice(key + 1, last).includes("");
  return lines.toSpliced(last + 1, 0, ...blockOf(entries, { indent, spaced })).join(end);
}

/** The last line that belongs to the list; comments in the first column and blank lines after it do not. */
function lastInside(lines: readonly string[], key: number): number {
  let last = key;
  for (let at = key + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (INSIDE.test(line)) last = at;
    else if (line.trim() !== "" && !line.startsWith("#")) break;
  }
  return last;
}

function blockOf(
  entries: readonly RevocationEntry[],
  { indent, spaced }: { readonly indent: string; readonly spaced: boolean },
): string[] {
  return entries.flatMap((entry) => [
    ...(spaced ? [""] : []),
    ...entryLines(entry).map((line) => `${indent}${line}`),
  ]);
}

function isAppended(before: string, after: string, entries: readonly RevocationEntry[]): boolean {
  const [old, now] = [contentOf(before), contentOf(after)];
  const expected = { ...old, revocations: [...(old["revocations"] as unknown[]), ...entries.map(plainly)] };
  return isDeepStrictEqual(now, expected);
}

function contentOf(text: string): Record<string, unknown> {
  const read = readPlain(text);
  return read.ok ? (read.value.content as Record<string, unknown>) : {};
}

/** As it is read back: keys without a value and empty lists are not written. */
function plainly(entry: RevocationEntry): unknown {
  const copy = parseJson(JSON.stringify(entry)) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(copy).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}

function no(rule: string, message: string): Parsed<string> {
  const problem: Problem = { line: 1, column: 1, path: "revocations", rule, message };
  return { ok: false, problems: [problem] };
}
