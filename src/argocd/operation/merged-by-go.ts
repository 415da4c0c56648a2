import { isMap } from "../../core/index.ts";

/**
 * What becomes of an object that a Go program writes another over by a merge patch: it leaves out what is empty, so that
 * this stays as it was. Source: RFC 7396; encoding/json, omitempty.
 */
export function mergedByGo(before: unknown, after: unknown): unknown {
  if (isMap(before) && isMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return Object.fromEntries(
      [...keys].map((key) => [key, mergedByGo(ownOf(before, key), ownOf(after, key))] as const),
    );
  }
  return isEmpty(after) && before !== undefined ? before : after;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "" || value === false || value === 0;
}

function ownOf(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
