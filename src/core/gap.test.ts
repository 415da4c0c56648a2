import { expect, it } from "vitest";

import { describeGap, type Gap, mergeGaps } from "./gap.ts";

const GAP: Gap = { code: "limits/exceeded", message: "m", count: 2 };

it("gaps of one cause are one, and their number is kept", () => {
  const other = { ...GAP, predicateType: "t" };
  expect(mergeGaps([GAP, other, GAP])).toEqual([{ ...GAP, count: 4 }, other]);
  expect([describeGap(GAP), describeGap({ ...GAP, count: 1 })]).toEqual(["m (2 of them)", "m"]);
});

it("gaps past 64 become one that may be anything", () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ ...GAP, predicateType: `type ${n}` }));
  const merged = mergeGaps(many);
  expect(merged).toHaveLength(64);
  expect(merged.at(-1)).toEqual({ code: "limits/exceeded", message: "more was not read: m", count: 74 });
  expect(mergeGaps([...merged, ...many])).toHaveLength(64);
});
