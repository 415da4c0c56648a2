import type { StoredObject } from "./fake-api-store.ts";

/** What came of a patch: an object, or the status that refuses it. */
export type Patched = { readonly object: StoredObject } | { readonly status: 409 | 415 | 422 };

/** Applies a JSON patch (RFC 6902, without `move` and `copy`) or a merge patch, the ones that the gate sends. */
export function applyPatch(object: StoredObject, contentType: string, patch: unknown): Patched {
  if (contentType === "application/json-patch+json") return jsonPatch(object, patch as Operation[]);
  if (contentType !== "application/merge-patch+json") return { status: 415 };
  const expected = (patch as Partial<StoredObject>).metadata?.resourceVersion;
  if (expected !== undefined && expected !== object.metadata.resourceVersion) return { status: 409 };
  return { object: merge(object, patch) as StoredObject };
}

interface Operation {
  readonly op: "add" | "replace" | "remove" | "test";
  readonly path: string;
  readonly value?: unknown;
}

type Fields = Record<string, unknown>;

function jsonPatch(object: StoredObject, operations: readonly Operation[]): Patched {
  const copy = structuredClone(object);
  for (const { op, path, value } of operations) {
    const keys = path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    const parent = keys.reduce((at: Fields, key) => at[key] as Fields, copy);
    if (op !== "add" && !(last in parent)) return { status: 422 };
    if (op === "test" && parent[last] !== value) return { status: 422 };
    if (op === "remove") delete parent[last];
    else if (op !== "test") parent[last] = value;
  }
  return { object: copy };
}

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const merged: Fields = { ...(target as Fields) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key] ?? {}, value);
  }
  return merged;
}
