import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { spend } from "./budget.ts";

describe("spend", () => {
  it("takes what comes first, however many small ones come after it", () => {
    const items = [{ size: 5 }, ...Array.from({ length: 10 }, () => ({ size: 1 }))];
    expect(spend(items, { left: 6 })).toEqual({ taken: items.slice(0, 2), left: items.slice(2) });
  });

  it("leaves one that does not fit, and goes on with the next", () => {
    const budget = { left: 6 };
    expect(spend([{ size: 7 }, { size: 4 }, { size: 3 }, { size: 2 }], budget)).toEqual({
      taken: [{ size: 4 }, { size: 2 }],
      left: [{ size: 7 }, { size: 3 }],
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
