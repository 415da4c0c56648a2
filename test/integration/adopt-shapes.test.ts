import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { type AdoptPlace, adoptPlaces, REPO } from "../support/adopt-command.ts";
import type { Shape } from "../support/adopt-shape-parts.ts";
import { SHAPES } from "../support/adopt-shapes.ts";

const HOOK_SOURCE = { repoURL: REPO, path: "hook", targetRevision: "v1" };

const places = adoptPlaces();
let at: AdoptPlace;
afterAll(() => places.remove());
beforeEach(() => {
  at = places.next();
});

type Plain = Readonly<Record<string, unknown>>;

function documentsIn(text: string): unknown[] {
  return parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: "error" }).map(
    (each) => each.toJS() as unknown,
  );
}

/** A value as the change should leave it: each whole Application with the hook as its last source. */
function withHook(value: unknown): unknown {
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

function comments(text: string): readonly string[] {
  return text.match(/(?:^|\s)#.*$/gm) ?? [];
}

async function adopt({ args = [] }: Shape, ...more: readonly string[]) {
  const [option, folder, ...rest] = args;
  const read = option === "--read" ? `/${folder}` : "";
  return at.told(["-f", `${at.place}${read}`, ...(option === "--read" ? rest : args), ...more]);
}

describe("mc adopt argocd on Applications as people write them", { timeout: 60_000 }, () => {
  it.each(SHAPES)("$title", async (shape) => {
    for (const [name, text] of Object.entries(shape.files)) at.write(name, text);
    const first = await adopt(shape, "--apply");
    const changed = new Set(first.files.map(({ file }) => file));
    const told = first.applications.map(({ name, hook, file }) => {
      return `${name} ${hook}${changed.has(file ?? "") ? " changed" : ""}`;
    });
    expect(told).toEqual(shape.told);
    expect(first.problems.map(({ file, rule }) => `${file.split("/").at(-1)} ${rule}`)).toEqual(
      shape.problems ?? [],
    );
    const notes = first.applications.flatMap((each) => each.notes).join("\n");
    expect(notes).toContain(shape.note ?? "");
    for (const [name, before] of Object.entries(shape.files)) {
      const after = at.read(name);
      const wanted = changed.has(`${at.place}/${name}`)
        ? documentsIn(before).map(withHook)
        : documentsIn(before);
      expect(documentsIn(after)).toEqual(wanted);
      expect(after === before).toBe(!changed.has(`${at.place}/${name}`));
      expect(comments(after)).toEqual(comments(before));
      expect(after.includes("\r\n")).toBe(before.includes("\r\n"));
    }
    expect((await adopt(shape)).files).toEqual([]);
  });

  it("are thirty and more", () => {
    expect(new Set(SHAPES.map(({ title }) => title)).size).toBeGreaterThanOrEqual(30);
  });
});
