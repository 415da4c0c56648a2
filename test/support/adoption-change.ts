import { parseAllDocuments } from "yaml";

import { REPO } from "./adopt-command.ts";

const HOOK_SOURCE = { repoURL: REPO, path: "hook", targetRevision: "v1" };

type Plain = Readonly<Record<string, unknown>>;

/** The documents of a file, as YAML means them. */
export function documentsIn(text: string): unknown[] {
  return parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: "error" }).map(
    (each) => each.toJS() as unknown,
  );
}

/** A value as the change should leave it: each whole Application with the hook as its last source. */
export function withHook(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHook);
  if (typeof value !== "object" || value === null) return value;
  const { items, spec, ...rest } = value as Plain;
  if (items !== undefined) return { ...rest, items: withHook(items) };
  const { template } = (spec ?? {}) as { readonly template?: Plain };
  if (template === undefined) return { ...rest, ...(spec !== undefined && { spec: sourced(spec as Plain) }) };
  const inner = { ...template, spec: sourced(template["spec"] as Plain) };
  return { ...rest, spec: { ...(spec as Plain), template: inner } };
}

function sourced(spec: Plain): Plain {
  const { source, sources, ...rest } = spec;
  if (sources === undefined && source === undefined) return spec;
  if (sources === undefined) return { ...rest, sources: [source, HOOK_SOURCE] };
  return { ...spec, sources: [...(sources as unknown[]), HOOK_SOURCE] };
}

/** The comments of a file, in their order. */
export function comments(text: string): readonly string[] {
  return text.match(/(?:^|\s)#.*$/gm) ?? [];
}
