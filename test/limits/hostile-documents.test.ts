import { describe, expect, it } from "vitest";

import { parsePolicy } from "../../src/policy/index.ts";

const MIB = 1024 * 1024;
const HOSTILE = {
  "many keys": Array.from({ length: 90_000 }, (_, at) => `key${at}: 1`).join("\n"),
  "many equal keys": "a: 1\n".repeat(MIB / 5),
  "open brackets": "[".repeat(MIB),
  "closed brackets": "]".repeat(MIB),
  "open braces": "{a: ".repeat(MIB / 4),
  dashes: "- ".repeat(MIB / 2),
  questions: "? ".repeat(MIB / 2),
  "errors on each line": "a: b: c\n".repeat(MIB / 8),
  "errors on one line": '"\\x"'.repeat(MIB / 4),
  anchors: "&a ".repeat(MIB / 3),
  tags: "- !x y\n".repeat(MIB / 7),
  "an alias bomb": `a0: &a0 [x]\n${Array.from({ length: 60 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join("\n")}`,
  "deep indentation": Array.from({ length: 1400 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
  documents: "---\n".repeat(MIB / 4),
  "broken rules": `rules:\n${"- {x: 1}\n".repeat(MIB / 10)}`,
  "two megabytes": "a: 1\n".repeat((2 * MIB) / 5),
};

describe("a policy of a megabyte that is made to cost as much as it can", () => {
  it.each(Object.entries(HOSTILE))("%s: problems, and an end", (_, text) => {
    const read = parsePolicy(text);
    expect(read.ok ? [] : read.problems).not.toEqual([]);
  });
});

it("9,000 rules, as many as a document holds: no problems", () => {
  const rules = Array.from(
    { length: 9000 },
    (_, at) =>
      `  - { name: r${at}, images: ["ghcr.io/a${at}/**"], require: { reference: { pinned: true } } }`,
  );
  const read = parsePolicy(`rules:\n${rules.join("\n")}\n`);
  expect(read.ok ? [] : read.problems).toEqual([]);
});
