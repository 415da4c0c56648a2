import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { spend } from "./budget.ts";

describe("spend", () => {
  it("takes the smallest first and keeps the order", () => {
    const items = [{ size: 5 }, { size: 1 }, { size: 4 }, { size: 1 }];
    const budget = { left: 6 };
    expect(spend(items, budget)).toEqual({
      taken: [{ size: 1 }, { size: 4 }, { size: 1 }],
      left: [{ size: 5 }],
    });
    expect(budget.left).toBe(0);
  });

  it("never spends more than there is, nor forgets an item", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.nat(1000), (sizes, left) => {
        const budget = { left };
        const split = spend(
          sizes.map((size) => ({ size })),
          budget,
        );
        const sum = split.taken.reduce((total, { size }) => total + size, 0);
        expect(sum + budget.left).toBe(left);
        expect(budget.left).toBeGreaterThanOrEqual(0);
        expect(split.taken.length + split.left.length).toBe(sizes.length);
      }),
    );
  });
});
