const MAX = 10_000;

/** A file of kustomize, as far as it says which Applications it changes. Places are as they are written, from its folder. */
export interface Kustomization {
  /** Files and folders that it renders. */
  readonly resources: readonly string[];
  /** Folders of components, whose patches are its own. */
  readonly components: readonly string[];
  /** Files of patches. */
  readonly patches: readonly string[];
  /** Whether a patch or a replacement that is written in it speaks of sources. */
  readonly speaksOfSources: boolean;
}

/** Reads a kustomization or a component of kustomize. What is not of the expected form is left out. */
export function readKustomization(value: unknown): Kustomization {
  const entries = [
    ...listAt(value, "patches"),
    ...listAt(value, "patchesStrategicMerge"),
    ...listAt(value, "patchesJson6902"),
  ];
  const written = [
    ...entries.map(textOf),
    ...listAt(value, "replacements").map((each) => JSON.stringify(each)),
  ];
  return {
    resources: [...listAt(value, "resources"), ...listAt(value, "bases")].filter(isText),
    components: listAt(value, "components").filter(isText),
    patches: entries.flatMap(pathOf),
    speaksOfSources: written.some(speaksOfSources),
  };
}

/** Whether a patch speaks of the sources of an Application. */
export function speaksOfSources(text: string): boolean {
  return /\bsources?\b/i.test(text);
}

/** An entry is a path, a patch in itself, or a map that holds one of them. */
function pathOf(entry: unknown): string[] {
  if (isText(entry)) return entry.includes("\n") ? [] : [entry];
  const { path } = (entry ?? {}) as { readonly path?: unknown };
  return isText(path) ? [path] : [];
}

function textOf(entry: unknown): string {
  if (isText(entry)) return entry.includes("\n") ? entry : "";
  const { patch } = (entry ?? {}) as { readonly patch?: unknown };
  return isText(patch) ? patch : "";
}

function listAt(value: unknown, field: string): readonly unknown[] {
  const list = (value as Readonly<Record<string, unknown>> | null)?.[field];
  return Array.isArray(list) ? list.slice(0, MAX) : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
