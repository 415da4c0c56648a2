import { expect, it } from "vitest";

import { copiesOf } from "./matrix.ts";

it.each([
  ["no matrix", undefined, 1],
  ["one axis", { a: [1, 2, 3] }, 3],
  ["two axes", { a: [1, 2], b: [1, 2, 3] }, 6],
  ["an exclusion", { a: [1, 2], b: [1, 2], exclude: [{ a: 1, b: 1 }] }, 3],
  ["an exclusion of a whole value", { a: [1, 2], b: [1, 2], exclude: [{ a: 1 }] }, 2],
  ["an inclusion that adds to combinations", { a: [1, 2], include: [{ a: 1, c: 1 }] }, 2],
  ["an inclusion that is a job by itself", { a: [1, 2], include: [{ a: 3 }] }, 3],
  ["inclusions alone", { include: [{ a: 1 }, { a: 2 }] }, 2],
  ["a matrix that an expression gives", "${{ fromJSON(needs.a.outputs.m) }}", undefined],
  ["an axis that an expression gives", { a: "${{ fromJSON(needs.a.outputs.m) }}" }, undefined],
  [
    "a matrix far beyond the limit",
    { a: Array(100).fill(0), b: Array(100).fill(0), include: [{ a: 1 }] },
    10_001,
  ],
])("%s is %j: counted as jobs", (_, matrix, copies) => {
  expect(copiesOf(matrix)).toBe(copies);
});
