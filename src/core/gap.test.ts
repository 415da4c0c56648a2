import { expect, it } from "vitest";

import { digestOf } from "./digest.ts";
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

it("a merged gap names all that it is about, at most 64 digests, and never less", () => {
  const gaps = Array.from({ length: 65 }, (_, n): Gap => ({ ...GAP, about: [digestOf(`${n}`)], count: 1 }));
  expect(mergeGaps([...gaps.slice(0, 2), gaps[0]!])).toEqual([
    { ...GAP, about: [digestOf("0"), digestOf("1")], count: 3 },
  ]);
  expect(mergeGaps(gaps.slice(1))[0]?.about).toHaveLength(64);
  expect(mergeGaps([...gaps, ...gaps])).toEqual([{ ...GAP, count: 130 }]);
  expect(mergeGaps([gaps[0]!, GAP])).toEqual([{ ...GAP, count: 3 }]);
});

it("a place is not merged with something else", () => {
  const place: Gap = { ...GAP, about: "place" };
  expect(mergeGaps([place, GAP, place])).toEqual([{ ...place, count: 4 }, GAP]);
});
