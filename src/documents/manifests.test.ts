import { describe, expect, it } from "vitest";

import { readManifests } from "./manifests.ts";
import { replaceScalars } from "./replace-scalars.ts";

const TWO = `# first
apiVersion: v1
kind: Pod
---

---
# second
apiVersion: apps/v1
kind: Deployment
`;

describe("readManifests", () => {
  it("gives each document with its line and index, and leaves empty ones out", () => {
    expect(readManifests(TWO)).toMatchObject({
      documents: [
        { value: { apiVersion: "v1", kind: "Pod" }, line: 2, index: 0 },
        { value: { apiVersion: "apps/v1", kind: "Deployment" }, line: 8, index: 2 },
      ],
      problems: [],
    });
  });

  it.each<[number, string[]]>([
    [1000, []],
    [1001, ["too-large"]],
  ])("reads %i aliases, each of which is looked for among all: %j", (count, rules) => {
    const { problems } = readManifests(`a: &a []\nall:\n${"- *a\n".repeat(count)}`);
    expect(problems.map(({ rule }) => rule)).toEqual(rules);
  });

  it("reads JSON, aliases and merge keys as kubectl does", () => {
    const { documents } = readManifests(
      'base: &b { image: x }\none: *b\ntwo: { <<: *b, name: n }\n--- {"a": [1]}\n',
    );
    expect(documents.map(({ value }) => value)).toEqual([
      { base: { image: "x" }, one: { image: "x" }, two: { image: "x", name: "n" } },
      { a: [1] },
    ]);
  });

  it.each([
    ["", 0],
    ["# only words\n", 0],
    ["---\n---\n", 0],
  ])("finds nothing in %j", (text, count) => {
    expect(readManifests(text)).toEqual({ documents: [], problems: [] });
    expect(readManifests(text).documents).toHaveLength(count);
  });

  it.each([
    ["a: 1\n---\nb: [\n---\nc: 1\n", "yaml", 4],
    ["a: 1\n---\nb: 1\nb: 2\n---\nc: 1\n", "duplicate-key", 4],
    ["a: 1\n---\nb: *nowhere\n---\nc: 1\n", "alias", 3],
    [
      `a: 1\n---\nx0: &x0 [y]\n${Array.from({ length: 30 }, (_, at) => `x${at + 1}: &x${at + 1} [*x${at}, *x${at}]\n`).join("")}---\nc: 1\n`,
      "alias",
      3,
    ],
  ])("reports a broken document and reads the others (%#)", (text, rule, line) => {
    const read = readManifests(text);
    expect(read.problems[0]).toMatchObject({ rule, line });
    expect(read.documents.map(({ value }) => value)).toEqual([{ a: 1 }, { c: 1 }]);
  });

  it.each([
    ["documents", "--- {a: 1}\n".repeat(10_001), "too-many"],
    ["brackets", `a: ${"[".repeat(100_000)}`, "too-deep"],
    ["bytes", "a".repeat(16 * 1024 * 1024 + 1), "too-large"],
  ])("bounds %s", (_, text, rule) => {
    expect(readManifests(text)).toMatchObject({ documents: [], problems: [{ rule }] });
  });
});

const DIGEST = `sha256:${"ab".repeat(32)}`;

function pinned(name: string): string {
  return `docker.io/${name}@${DIGEST}`;
}

const POD = `# keep me
spec:
    containers:   # odd indentation
    - {name: web,   image: nginx:1.27 }   # flow

    - name: log
      image:   'fluent/fluent-bit:3'  # quoted
    - image: "busybox"\r
      name: last
`;

function replaced(text: string, ...edits: readonly [number, (string | number)[], string][]): unknown {
  const result = replaceScalars(
    text,
    edits.map(([document, path, value]) => ({ document, path, value })),
  );
  return result.ok ? result.value : result.problems[0];
}

describe("replaceScalars", () => {
  it("changes the wanted values and not one byte else", () => {
    const result = replaced(
      POD,
      [0, ["spec", "containers", 0, "image"], pinned("library/nginx")],
      [0, ["spec", "containers", 1, "image"], pinned("fluent/fluent-bit")],
      [0, ["spec", "containers", 2, "image"], pinned("library/busybox")],
    );
    const expected = POD.replace("nginx:1.27", pinned("library/nginx"))
      .replace("fluent/fluent-bit:3", pinned("fluent/fluent-bit"))
      .replace('"busybox"', `"${pinned("library/busybox")}"`);
    expect(result).toBe(expected);
  });

  it("counts documents as readManifests does", () => {
    expect(replaced(TWO, [2, ["kind"], "StatefulSet/x"])).toBe(TWO.replace("Deployment", "StatefulSet/x"));
  });

  it.each(["true", "12", "1e3", "null", "a: b", "a #b", "", "- x", "'", '"', "x:", "1:30", "ünï", "a\nb"])(
    "writes %j so that it stays text",
    (value) => {
      for (const text of ["a: old/x\nb: 1\n", "a: 'old'\nb: 1\n", 'a: "old"\nb: 1\n', "{a: old, b: 1}\n"]) {
        const result = replaced(text, [0, ["a"], value]) as string;
        expect(readManifests(result).documents[0]?.value).toEqual({ a: value, b: 1 });
      }
    },
  );

  it.each([
    ["nothing", "a: 1\n", ["b"]],
    ["a number", "a: 1\n", ["a"]],
    ["a map", "a: {}\n", ["a"]],
    ["a block", "a: |\n  old\n", ["a"]],
    ["an alias", "x: &x old\na: *x\n", ["a"]],
    ["a path of no length", "a\n", []],
  ])("refuses to replace %s", (_, text, path) => {
    expect(replaced(text, [0, path, "new/x"])).toMatchObject({ rule: "no-scalar" });
  });

  it("refuses an edit that would change another value through an alias", () => {
    expect(replaced("x: &x old\na: *x\n", [0, ["x"], "new/x"])).toMatchObject({ rule: "not-spliced" });
  });

  it("refuses two edits of one value that disagree", () => {
    expect(replaced("a: old\n", [0, ["a"], "one/x"], [0, ["a"], "two/x"])).toMatchObject({
      rule: "not-spliced",
    });
  });

  it("refuses a document that cannot be read, and one that is not there", () => {
    expect(replaced("a: [\n", [0, ["a"], "x"])).toMatchObject({ rule: "yaml" });
    expect(replaced("a: old\n", [7, ["a"], "x"])).toMatchObject({ rule: "no-scalar" });
  });
});
