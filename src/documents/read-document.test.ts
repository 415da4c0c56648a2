import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import type { Problem } from "../core/index.ts";
import { readDocument } from "./read-document.ts";

const Rule = z.strictObject({
  name: z.string().regex(/^[a-z]+$/, "A name is lower-case letters."),
  images: z.array(z.string().min(1, "Empty.")),
  matcher: z.union([z.string(), z.strictObject({ pattern: z.string() })]).optional(),
  mode: z.enum(["deny", "allow"]).optional(),
  count: z.number().int().optional(),
  source: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("file"), path: z.string() }),
      z.strictObject({ kind: z.literal("none") }),
    ])
    .optional(),
});
const Schema = z
  .strictObject({
    rules: z.array(Rule),
    named: z.record(z.string().regex(/^[a-z]+$/, "A name is lower-case letters."), Rule).optional(),
  })
  .superRefine(({ rules }, context) => {
    for (const [at, { name }] of rules.entries()) {
      if (name !== "forbidden") continue;
      const path = ["rules", at, "name"];
      context.addIssue({ code: "custom", path, params: { rule: "own-rule" }, message: "Not this one." });
    }
  });

function problems(text: string): readonly Problem[] {
  const read = readDocument(text, Schema);
  return read.ok ? [] : read.problems;
}

/** The result of a call that is so many calls deep; undefined where not even that much stack is left. */
function withStackUsed<T>(calls: number, call: () => T): T | undefined {
  try {
    return calls === 0 ? call() : withStackUsed(calls - 1, call);
  } catch {
    return undefined;
  }
}

describe("readDocument", () => {
  it("gives the value of a good document", () => {
    const text = "# comment\nrules:\n  - name: a\n    images: [x, y]\n";
    expect(readDocument(text, Schema)).toEqual({
      ok: true,
      value: { rules: [{ name: "a", images: ["x", "y"] }] },
    });
  });

  it.each<[string, string, Partial<Problem>]>([
    ["an unknown key", "rules: []\nextra: 1\n", { rule: "unknown-key", line: 2, column: 1, path: "extra" }],
    [
      "a misspelt key",
      "rules:\n  - name: a\n    imagse: [x]\n    images: []\n",
      {
        rule: "unknown-key",
        line: 3,
        column: 5,
        path: "rules[0].imagse",
        message: 'Unknown key "imagse". Did you mean "images"?',
      },
    ],
    [
      "a misspelt key in a map of names",
      "rules: []\nnamed:\n  a: { Name: b, images: [] }\n",
      {
        rule: "missing-key",
        line: 3,
        column: 6,
        path: "named.a.name",
      },
    ],
    [
      "a missing key",
      "rules:\n  - images: []\n",
      { rule: "missing-key", line: 2, column: 5, path: "rules[0].name" },
    ],
    [
      "a number for text",
      "rules:\n  - name: 1\n    images: []\n",
      { rule: "wrong-type", line: 2, column: 11, message: "Must be text (put it in quotes)." },
    ],
    [
      "a map for a list",
      "rules: {}\n",
      { rule: "wrong-type", line: 1, column: 8, message: "Must be a list." },
    ],
    ["nothing for a list", "rules:\n", { rule: "wrong-type", line: 1 }],
    [
      "a bad element",
      "rules:\n  - name: a\n    images:\n      - ok\n      - ''\n",
      { rule: "invalid-value", line: 5, column: 9, path: "rules[0].images[1]", message: "Empty." },
    ],
    [
      "a bad alternative",
      "rules:\n  - name: a\n    images: []\n    matcher: { patern: x }\n",
      { rule: "missing-key", line: 4, path: "rules[0].matcher.pattern" },
    ],
    [
      "no alternative at all",
      "rules:\n  - name: a\n    images: []\n    matcher: 7\n",
      { rule: "wrong-type", line: 4, column: 14 },
    ],
    [
      "an unknown kind",
      "rules:\n  - name: a\n    images: []\n    source: { kind: x }\n",
      { rule: "invalid-value", line: 4, column: 21, path: "rules[0].source.kind" },
    ],
    [
      "a word that is none of the list",
      "rules:\n  - name: a\n    images: []\n    mode: Deny\n",
      { rule: "invalid-value", line: 4, column: 11 },
    ],
    [
      "a bad name as key",
      "rules: []\nnamed:\n  Bad: { name: a, images: [] }\n",
      { rule: "invalid-key", line: 3, column: 3, message: "A name is lower-case letters." },
    ],
    [
      "a rule of the schema's own",
      "rules:\n  - name: forbidden\n    images: []\n",
      { rule: "own-rule", line: 2, column: 11, path: "rules[0].name", message: "Not this one." },
    ],
    ["a key that stands twice", "rules: []\nrules: []\n", { rule: "duplicate-key", line: 2, column: 1 }],
    [
      "keys that differ in kind only",
      "rules: []\nnamed: { 1: x, '1': y }\n",
      { rule: "duplicate-key", line: 2 },
    ],
    ["a map as key", "rules: []\n? { a: b }\n: c\n", { rule: "yaml", message: "Not a plain key." }],
    ["the prototype as key", "rules: []\n__proto__: {}\n", { rule: "yaml", line: 2, column: 1 }],
    ["an alias", "rules: &a []\nnamed: *a\n", { rule: "alias", line: 2, column: 8 }],
    ["a merge key", "rules: []\n<<: {}\n", { rule: "unknown-key", line: 2, column: 1 }],
    ["a foreign tag", "rules: !!js/function x\n", { rule: "yaml", line: 1 }],
    ["a second document", "rules: []\n---\nrules: []\n", { rule: "yaml" }],
    ["a tab", "rules:\n\t- a\n", { rule: "yaml", line: 2, column: 1 }],
    ["an open quote", 'rules: "\n', { rule: "yaml" }],
    ["nothing", "", { rule: "wrong-type", line: 1, column: 1, message: "Must be a map." }],
    ["text", "hello", { rule: "wrong-type", line: 1, column: 1 }],
    ["deep brackets", `a: ${"[".repeat(65)}${"]".repeat(65)}`, { rule: "too-deep", line: 1, column: 68 }],
    ["deep dashes", `rules:\n${"- ".repeat(80)}x`, { rule: "too-deep", line: 2 }],
    ["a megabyte and more", `rules: []\n#${" ".repeat(1024 * 1024)}`, { rule: "too-large" }],
  ])("tells of %s where it stands", (_, text, problem) => {
    expect(problems(text)[0]).toMatchObject(problem);
  });

  it("reads brackets in text as text", () => {
    const deep = "[{".repeat(200);
    const text = `rules:\n  - name: a\n    images: ["${deep}", '${deep}', "x"]\n    matcher: |\n      ${deep}\n# ${deep}\n`;
    expect(problems(text)).toEqual([]);
  });

  it("says nothing of the size of a value of the wrong type", () => {
    const Lists = z.strictObject({ few: z.array(z.string()).max(3), many: z.array(z.string()).min(3) });
    const read = readDocument("few: four\nmany: no", Lists);
    expect(read.ok ? [] : read.problems.map(({ path, rule }) => [path, rule])).toEqual([
      ["few", "wrong-type"],
      ["many", "wrong-type"],
    ]);
    const elements = readDocument("few: []\nmany: [1]", Lists);
    expect(elements.ok ? [] : elements.problems.map(({ path, rule }) => [path, rule])).toEqual([
      ["many[0]", "wrong-type"],
      ["many", "invalid-value"],
    ]);
  });

  it("tells of nesting that the stack does not hold in words of its own, however little stack is left", () => {
    const text = Array.from({ length: 1000 }, (_, at) => `${" ".repeat(at)}a:\n`).join("");
    const told = Array.from({ length: 18 }, (_, at) => withStackUsed(at * 500, () => problems(text)))
      .flatMap((each) => each ?? [])
      .map(({ message }) => message);
    expect(told).toContain("Nested too deep.");
    expect(told.filter((message) => message.includes("call stack"))).toEqual([]);
  });

  it("tells of everything at once, up to a hundred", () => {
    const bad = "  - { name: A, images: [''] }\n";
    expect(problems(`rules:\n${bad.repeat(3)}`)).toHaveLength(6);
    expect(problems(`rules:\n${bad.repeat(300)}`)).toHaveLength(100);
  });

  it("never throws, and always points into the text", () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(
        "rules",
        "name",
        "images",
        ": ",
        ":",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        '"',
        "#",
        "&a ",
        "*a",
        "!x ",
        "|",
        ">",
        "?",
        "%",
        "\t",
        "\r\n",
        "---\n",
        "x",
      ),
      maxLength: 80,
    });
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: "binary" })), (text) => {
        const lines = text.split("\n").length;
        for (const { line, column, rule, message } of problems(text)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines + 1);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(rule).toMatch(/^[a-z-]+$/);
          expect(message.length).toBeGreaterThan(3);
        }
      }),
      { numRuns: 100 },
    );
  });
});
