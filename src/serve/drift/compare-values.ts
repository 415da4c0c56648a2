import { isDeepStrictEqual } from "node:util";

/** A path from the top of a document to a value in it. */
export type ValuePath = readonly (string | number)[];

/** Where two documents say different things; undefined where one of them says nothing there. */
export interface ValueDifference {
  readonly path: ValuePath;
  readonly inFile: unknown;
  readonly inForce: unknown;
}

/** Keys that identify the entries of a list, whatever their order. */
const KEYS = ["id", "name"] as const;

/**
 * Where two values differ, as deep as can be said. Entries of lists are matched by their `id` or `name` where all have one
 * of their own, and by their place otherwise. The order of keys, comments and spelling make no difference.
 */
export function* compareValues(
  inFile: unknown,
  inForce: unknown,
  path: ValuePath = [],
): Generator<ValueDifference> {
  if (isDeepStrictEqual(inFile, inForce)) return;
  if (isGroup(inFile) && isGroup(inForce)) {
    for (const key of new Set([...Object.keys(inFile), ...Object.keys(inForce)]))
      yield* compareValues(inFile[key], inForce[key], [...path, key]);
  } else if (Array.isArray(inFile) && Array.isArray(inForce)) {
    yield* compareLists(inFile, inForce, path);
  } else yield { path, inFile, inForce };
}

function* compareLists(
  inFile: readonly unknown[],
  inForce: readonly unknown[],
  path: ValuePath,
): Generator<ValueDifference> {
  const key = KEYS.find((each) => isKeyOf(each, inFile) && isKeyOf(each, inForce));
  if (key === undefined) {
    for (let at = 0; at < Math.max(inFile.length, inForce.length); at += 1)
      yield* compareValues(inFile[at], inForce[at], [...path, at]);
    return;
  }
  const others = new Map(inForce.map((entry) => [(entry as Group)[key], entry]));
  for (const [at, entry] of inFile.entries()) {
    const id = (entry as Group)[key];
    yield* compareValues(entry, others.get(id), [...path, at]);
    others.delete(id);
  }
  for (const entry of others.values()) yield { path, inFile: undefined, inForce: entry };
}

type Group = Readonly<Record<string, unknown>>;

function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether this key identifies every entry. */
function isKeyOf(key: string, list: readonly unknown[]): boolean {
  const ids = list.map((entry) => (isGroup(entry) ? entry[key] : undefined));
  return ids.every((id) => typeof id === "string") && new Set(ids).size === ids.length;
}
