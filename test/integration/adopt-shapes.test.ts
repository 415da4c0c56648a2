import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { type AdoptPlace, adoptPlaces } from "../support/adopt-command.ts";
import type { Shape } from "../support/adopt-shape-parts.ts";
import { SHAPES } from "../support/adopt-shapes.ts";
import { comments, documentsIn, withHook } from "../support/adoption-change.ts";

const places = adoptPlaces();
let at: AdoptPlace;
afterAll(() => places.remove());
beforeEach(() => {
  at = places.next();
});

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
