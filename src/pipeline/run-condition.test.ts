import { expect, it } from "vitest";

import { runsWhen } from "./run-condition.ts";

const needs = ["build", "test"];

it.each([
  [undefined, "", { kind: "success" }],
  ["github.ref == 'refs/heads/main'", "", { kind: "success" }],
  ["${{ success() }}", "", { kind: "success" }],
  ["${{ false }}", "", { kind: "never" }],
  ["always()", "", { kind: "anyway", judges: [] }],
  ["${{ !cancelled() }}", "", { kind: "anyway", judges: [] }],
  ["always() && needs.test.result == 'success'", "", { kind: "anyway", judges: ["test"] }],
  ["always() && needs['test'].result == 'success'", "", { kind: "anyway", judges: ["test"] }],
  ["always() && needs.test.outputs.image != ''", "", { kind: "anyway", judges: [] }],
  ["always()", "${{ toJSON(needs) }}", { kind: "anyway", judges: needs }],
  ["always()", "contains(needs.*.result, 'failure')", { kind: "anyway", judges: needs }],
])("runs with the condition %j and steps %j as %j", (condition, texts, runs) => {
  expect(runsWhen(condition, { needs, texts })).toEqual(runs);
});
