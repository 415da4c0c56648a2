import { expect, it } from "vitest";

import { isTemplate, WORKLOADS } from "./kinds.ts";
import { TEMPLATE_KINDS } from "./resources.ts";

it("lists every kind with a template", () => {
  const kinds = WORKLOADS.filter(isTemplate).map(({ kind }) => kind);
  expect(TEMPLATE_KINDS.map(({ kind }) => kind)).toEqual(kinds);
  expect(kinds.length).toBeGreaterThan(8);
});
