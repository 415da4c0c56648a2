import type { Change, Path } from "./changes.ts";

/** One step of a JSON Patch (RFC 6902). */
export type PatchStep =
  | { readonly op: "add" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "move"; readonly from: string; readonly path: string };

/**
 * A change as JSON Patch. What it would overlook is tested first, so that it fails as a whole where the object has
 * changed since it was read, and where the patch was applied before.
 */
export function jsonPatchOf(change: Change, object: unknown): PatchStep[] {
  const path = pointer(change.path);
  const { value } = change;
  switch (change.kind) {
    case "append":
      return [
        { op: "test", path, value: valueAt(object, change.path) },
        { op: "add", path: `${path}/-`, value },
      ];
    case "set":
      return [
        { op: "test", path, value: valueAt(object, change.path) },
        { op: "add", path: pointer([...change.path, change.field]), value },
      ];
    case "wrap": {
      // The source is moved, not written out: it may hold values that nobody wants in a log.
      const list = pointer([...change.path, change.as]);
      return [
        { op: "add", path: list, value: [] },
        { op: "move", from: pointer([...change.path, change.field]), path: `${list}/0` },
        { op: "add", path: `${list}/-`, value },
      ];
    }
  }
}

function pointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function valueAt(object: unknown, path: Path): unknown {
  let here = object;
  for (const part of path) here = (here as Record<string | number, unknown>)[part];
  return here;
}
