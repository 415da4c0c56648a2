import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { editManifests, type StructuralEdit } from "./edit-manifests.ts";
import { readManifests } from "./manifests.ts";

const HOOK = { repoURL: "https://git.example/hook", path: "hook", targetRevision: "1.0" };

function edited(text: string, edit: StructuralEdit, document = 0): string {
  const result = editManifests(text, [{ document, edit }]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.text;
}

function problem(text: string, edit: StructuralEdit, document = 0): unknown {
  const result = editManifests(text, [{ document, edit }]);
  return result.ok ? result.value : result.problems[0];
}

function wrap(text: string, document = 0): string {
  return edited(
    text,
    { kind: "wrap", path: ["spec"], field: "source", as: "sources", value: HOOK },
    document,
  );
}

describe("wrapping a map into a list", () => {
  it("moves its lines behind a dash, and keeps comments, blank lines and block texts", () => {
    const text = `# top
spec:
    project: shop
    source: # the team's
        # where it lies
        repoURL: https://git.example/shop   # c

        helm:
          values: |
            a: 1

              b: 2
    # not the source's
    destination: {}
`;
    expect(wrap(text)).toBe(`# top
spec:
    project: shop
    sources: # the team's
        # where it lies
        - repoURL: https://git.example/shop   # c

          helm:
            values: |
              a: 1

                b: 2
        - repoURL: https://git.example/hook
          path: hook
          targetRevision: "1.0"
    # not the source's
    destination: {}
`);
  });

  it.each([
    [
      "in braces",
      "spec:\n  source: { repoURL: x, path: y } # c\n  project: p\n",
      'spec:\n  sources:\n    - { repoURL: x, path: y } # c\n    - { repoURL: https://git.example/hook, path: hook, targetRevision: "1.0" }\n  project: p\n',
    ],
    [
      "in JSON",
      '{"spec": {"source": {\n  "path": "y"}, "project": "p"}}',
      `{"spec": {"sources": [{\n  "path": "y"}, ${JSON.stringify(HOOK)}], "project": "p"}}`,
    ],
    [
      "at the end of a text without a line end",
      "spec:\n  source:\n    path: y",
      'spec:\n  sources:\n    - path: y\n    - repoURL: https://git.example/hook\n      path: hook\n      targetRevision: "1.0"\n',
    ],
    [
      "with Windows line ends",
      "spec:\r\n  source:\r\n    path: y\r\n  project: p\r\n",
      'spec:\r\n  sources:\r\n    - path: y\r\n    - repoURL: https://git.example/hook\r\n      path: hook\r\n      targetRevision: "1.0"\r\n  project: p\r\n',
    ],
  ])("works %s", (_, before, after) => expect(wrap(before)).toBe(after));

  it("reaches a document behind others", () => {
    const text = "a: 1\n---\n\n---\nspec:\n  source: {path: y}\n";
    expect(wrap(text, 2)).toContain("a: 1\n---\n\n---\nspec:\n  sources:\n    - {path: y}\n");
  });

  it.each([
    ["nothing", "spec: {}\n"],
    ["a text", "spec:\n  source: x\n"],
    ["a map that another document place takes over", "spec:\n  source: &s\n    path: y\nother: *s\n"],
    ["a list that is there already", "spec:\n  sources: []\n  source:\n    path: y\n"],
    ["a document that is not there", "x: 1\n"],
  ])("refuses %s", (_, text) => {
    const edit = { kind: "wrap", path: ["spec"], field: "source", as: "sources", value: HOOK } as const;
    expect(problem(text, edit, text === "x: 1\n" ? 3 : 0)).toMatchObject({ rule: "not-edited" });
  });
});

describe("appending to a list", () => {
  it.each([
    ["of dashes", "l:\n- a # c\n# end\n", "l:\n- a # c\n- new/x\n# end\n"],
    ["that is empty", "m:\n  l: [] # none\n", "m:\n  l: # none\n    - new/x\n"],
    ["in brackets", "l: [a, b]\n", 'l: [a, b, "new/x"]\n'],
    ["in JSON", '{"l": ["a"]}', '{"l": ["a", "new/x"]}'],
  ])("works for one %s", (_, before, after) => {
    const path = before.startsWith("m") ? ["m", "l"] : ["l"];
    expect(edited(before, { kind: "append", path, value: "new/x" })).toBe(after);
  });

  it("keeps JSON JSON", () => {
    const text = '{"l": [\n  {"a": 1}\n]}';
    const after = edited(text, { kind: "append", path: ["l"], value: HOOK });
    expect(JSON.parse(after)).toEqual({ l: [{ a: 1 }, HOOK] });
  });
});

describe("setting a new field", () => {
  it.each([
    ["of a block", "k:\n  a: 1\n", "k:\n  a: 1\n  c: [ x/y ]\n"],
    ["of braces", "k: { a: 1 }\n", "k: { a: 1, c: [ x/y ] }\n"],
    ["of JSON", '{"k": {"a": 1}}', '{"k": {"a": 1, "c": ["x/y"]}}'],
  ])("works for a map %s", (_, before, after) => {
    expect(edited(before, { kind: "set", path: ["k"], fields: { c: ["x/y"] } })).toBe(after);
  });

  it("takes several, into an empty map as well", () => {
    const edit = { kind: "set", path: ["k"], fields: { a: 1, b: ["x"] } } as const;
    expect(edited("k: {}\n", edit)).toBe('k: {"a":1,"b":["x"]}\n');
    expect(edited("k:\n  c: 0\nl: 1\n", edit)).toBe("k:\n  c: 0\n  a: 1\n  b: [ x ]\nl: 1\n");
  });

  it("does not replace one", () => {
    const edit = { kind: "set", path: ["k"], fields: { b: 1, a: 2 } } as const;
    expect(problem("k:\n  a: 1\n", edit)).toMatchObject({ rule: "not-edited" });
  });
});

const Value = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.boolean(), tie("map"), tie("list")),
  list: fc.array(tie("value"), { maxLength: 3 }),
  map: fc.dictionary(fc.stringMatching(/^[a-zA-Z][a-z0-9]{0,5}$/), tie("value"), { minKeys: 1, maxKeys: 4 }),
})).map;

describe("any source", () => {
  it("is wrapped as it is", () => {
    fc.assert(
      fc.property(Value, fc.boolean(), fc.constantFrom(2, 4), (source, inFlow, indent) => {
        const object = { spec: { project: "p", source, z: [1] } };
        const text = inFlow ? JSON.stringify(object, undefined, indent) : stringify(object, { indent });
        const result = wrap(text);
        expect(readManifests(result).documents[0]?.value).toEqual({
          spec: { project: "p", z: [1], sources: [source, HOOK] },
        });
      }),
      { numRuns: 200 },
    );
  });
});
