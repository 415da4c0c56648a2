import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { applySplices } from "../documents/index.ts";
import { type LabelledEdit, unifiedDiff } from "./unified-diff.ts";

const folder = mkdtempSync(join(tmpdir(), "mc-diff-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `git apply` makes of texts by their diffs, which name them f0, f1 and so on: all in one process. */
function applied(texts: readonly string[], diffs: readonly string[]): string[] {
  const files = texts.map((_, at) => join(folder, `f${at}`));
  for (const [at, text] of texts.entries()) writeFileSync(files[at]!, text);
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CEILING_DIRECTORIES: tmpdir() };
  const input = `${diffs.join("\n")}\n`;
  execFileSync("git", ["apply", "-p0", "--whitespace=nowarn", "-"], { cwd: folder, env, input });
  return files.map((file) => readFileSync(file, "utf8"));
}

/** Up to five edits of a text of short lines, each at places of its own. */
const aCase = fc
  .tuple(
    fc.array(fc.stringMatching(/^[ab]{0,3}\r?$/), { minLength: 1, maxLength: 30 }),
    fc.boolean(),
    fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom("x", "x\n", "\n", "x\ny\n")), {
      minLength: 1,
      maxLength: 5,
    }),
  )
  .map(([lines, isEnded, raw]) => {
    const text = lines.join("\n") + (isEnded ? "\n" : "");
    const edits: LabelledEdit[] = [];
    let free = 0;
    for (const [place, length, inserted] of raw.toSorted((a, b) => a[0] - b[0])) {
      const from = free + (place % (text.length + 1 - free));
      const to = Math.min(text.length, from + length);
      edits.push({ label: `e${edits.length}`, splices: [{ from, to, text: inserted }] });
      if (to + 1 > text.length) break;
      free = to + 1;
    }
    return { text, edits };
  })
  .filter(({ text, edits }) => text !== "" && resultOf(text, edits) !== text && resultOf(text, edits) !== "");

function resultOf(text: string, edits: readonly LabelledEdit[]): string {
  return applySplices(
    text,
    edits.flatMap(({ splices }) => splices),
  );
}

describe("unifiedDiff", () => {
  it("shows an inserted line with what stands around it, and names the edit", () => {
    const text = "1\n2\n3\n4\n5\n6\n";
    const splices = [{ from: 8, to: 8, text: "new\n" }];
    expect(
      unifiedDiff("f.yaml", {
        before: text,
        after: applySplices(text, splices),
        edits: [{ label: "Application argocd/shop", splices }],
      }),
    ).toBe("--- f.yaml\n+++ f.yaml\n@@ -2,5 +2,6 @@ Application argocd/shop\n 2\n 3\n 4\n+new\n 5\n 6");
  });

  it("is what git apply takes, wherever the edits are", () => {
    fc.assert(
      fc.property(fc.array(aCase, { minLength: 1, maxLength: 50 }), (cases) => {
        const results = cases.map(({ text, edits }) => resultOf(text, edits));
        const diffs = cases.map(({ text, edits }, at) =>
          unifiedDiff(`f${at}`, { before: text, after: results[at]!, edits }),
        );
        const texts = cases.map(({ text }) => text);
        expect(applied(texts, diffs)).toEqual(results);
      }),
      { numRuns: 8 },
    );
  });

  it("equal texts: an empty diff", () => {
    expect(unifiedDiff("f", { before: "a\n", after: "a\n" })).toBe("");
  });

  it("shows a text as replaced where too much of it differs, and git apply takes that", () => {
    const [before, after] = ["a", "b"].map((letter) =>
      Array.from({ length: 5000 }, (_, at) => `${letter}${at}`).join("\n"),
    );
    const diff = unifiedDiff("f0", { before: before!, after: after! });
    expect(diff).toContain("@@ -1,5000 +1,5000 @@");
    expect(applied([before!], [diff])).toEqual([after]);
  });
});
