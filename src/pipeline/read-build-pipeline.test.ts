import { expect, it } from "vitest";

import { readBuildPipeline } from "./read-build-pipeline.ts";

function rulesOf(stage: string, top = "kind: BuildPipeline"): unknown {
  const text = `${top}\nmetadata: { name: app }\nspec:\n  stages:\n    - ${stage}\n`;
  const read = readBuildPipeline("build.yaml", text);
  return read.ok
    ? read.pipeline.stages.length
    : read.notices.map(({ line, rule, message }) => [line, rule, message]);
}

it("reads a stage with a step", () => {
  expect(rulesOf("{ name: a, steps: [{ name: s, command: make }] }")).toBe(1);
});

it("suggests the name of a key that another system has", () => {
  expect(rulesOf("{ name: a, depends_on: [b], steps: [{ name: s, command: make }] }")).toEqual([
    [5, "unknown-key", 'spec.stages[0].depends_on: Unknown key "depends_on". Did you mean "dependsOn"?'],
  ]);
});

it.each([
  ["no steps", "{ name: a, steps: [] }", "invalid-value"],
  ["neither action nor command", "{ name: a, steps: [{ name: s }] }", "one-of"],
  ["both action and command", "{ name: a, steps: [{ name: s, action: x, command: y }] }", "one-of"],
  ["a timeout without a unit", "{ name: a, timeout: 30, steps: [{ name: s, command: y }] }", "wrong-type"],
])("refuses a stage with %s, with its line", (_, stage, rule) => {
  expect(rulesOf(stage)).toEqual([[5, rule, expect.any(String)]]);
});

it("refuses another kind of document", () => {
  expect(rulesOf("{ name: a, steps: [{ name: s, command: make }] }", "kind: Pod")).toEqual([
    [1, "invalid-value", expect.any(String)],
  ]);
});
