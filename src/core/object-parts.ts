import { readJson } from "./json.ts";

/** Keys from a value's top to a part of it; `*` represents each item of a list. */
export type PartPath = readonly string[];

const EACH = "*";

/** JSON text, or UTF-8 bytes of it, as a value with these parts of it alone; undefined where it is none. */
export function readJsonParts(json: string | Uint8Array, paths: readonly PartPath[]): unknown {
  return withParts(readJson(json), paths);
}

/**
 * A value with these parts of it and nothing else. What is in an object's position and is none stays, a list as an empty
 * one, so that its reader sees that it is none.
 */
export function withParts(value: unknown, paths: readonly PartPath[]): unknown {
  if (Array.isArray(value)) {
    const inner = paths.filter(([first]) => first === EACH).map((path) => path.slice(1));
    return inner.length === 0 ? [] : value.map((each) => partOf(each, inner));
  }
  if (typeof value !== "object" || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [key = "", same] of Map.groupBy(paths, ([first]) => first)) {
    if (!Object.hasOwn(value, key)) continue;
    const part = (value as Readonly<Record<string, unknown>>)[key];
    kept[key] = partOf(
      part,
      same.map((path) => path.slice(1)),
    );
  }
  return kept;
}

function partOf(part: unknown, inner: readonly PartPath[]): unknown {
  return inner.some(({ length }) => length === 0) ? part : withParts(part, inner);
}

/** Whether a JSON value holds at most so many values, at any depth. Not recursive. */
export function hasAtMost(value: unknown, most: number): boolean {
  const open = [value];
  for (let seen = 0; open.length > 0; seen += 1) {
    if (seen + open.length > most) return false;
    const each = open.pop();
    if (typeof each !== "object" || each === null) continue;
    for (const inner of Object.values(each)) open.push(inner);
  }
  return true;
}
