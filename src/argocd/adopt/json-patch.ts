import type { Change, Path } from "./changes.ts";

/** One step of a JSON Patch (RFC 6902). */
export type PatchStep =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "move"; readonly from: string; readonly path: string };

const MARK = "mc-adopt";

/**
 * Changes as one JSON Patch, which fails as a whole where it was applied before, or what it builds on has changed
 * since. It writes out as little as it can of what is there: parameters hold values that no one wants in a log.
 */
export function jsonPatchOf(changes: readonly Change[], object: unknown): PatchStep[] {
  // The step that tests a whole map goes before those that change it.
  return changes
    .toSorted((a, b) => Number(a.kind === "append") - Number(b.kind === "append"))
    .flatMap((change) => stepsOf(change, object));
}

function stepsOf(change: Change, object: unknown): PatchStep[] {
  const path = pointer(change.path);
  switch (change.kind) {
    case "append": {
      // A mark that is not where the list ended shows that the list has grown.
      const last = pointer([...change.path, (valueAt(object, change.path) as readonly unknown[]).length]);
      return [
        { op: "add", path: `${path}/-`, value: MARK },
        { op: "test", path: last, value: MARK },
        { op: "replace", path: last, value: change.value },
      ];
    }
    case "set":
      return [
        { op: "test", path, value: valueAt(object, change.path) },
        ...Object.entries(change.fields).map(
          ([field, value]) => ({ op: "add", path: pointer([...change.path, field]), value }) as const,
        ),
      ];
    case "wrap": {
      const list = pointer([...change.path, change.as]);
      return [
        { op: "add", path: list, value: [] },
        { op: "move", from: pointer([...change.path, change.field]), path: `${list}/0` },
        { op: "add", path: `${list}/-`, value: change.value },
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
