import { describe, expect, it } from "vitest";

import { createEventBudget } from "./event-budget.ts";

const MINUTE = 60_000;

describe("the budget of events", () => {
  it("tells the same once in ten minutes", () => {
    const { take } = createEventBudget();
    expect([
      take("a", 0),
      take("a", 1),
      take("b", 2),
      take("a", 10 * MINUTE - 1),
      take("a", 10 * MINUTE),
    ]).toEqual([true, false, true, false, true]);
  });

  it("tells ten at once, then one more each 30 seconds, and never saves up more than ten", () => {
    const { take } = createEventBudget();
    const told = (at: number): number =>
      Array.from({ length: 50 }, (_, each) => take(`${at}/${each}`, at)).filter(Boolean).length;
    expect([told(0), told(29_999), told(30_000), told(90_000), told(24 * 60 * MINUTE)]).toEqual([
      10, 0, 1, 2, 10,
    ]);
  });

  it("does not count what it refuses as told", () => {
    const { take } = createEventBudget();
    for (let each = 0; each < 10; each++) take(String(each), 0);
    expect([take("late", 0), take("late", 30_000)]).toEqual([false, true]);
  });

  it("keeps to itself when the clock goes back", () => {
    const { take } = createEventBudget();
    expect([take("a", 10 * MINUTE), take("b", 0), take("c", 0)]).toEqual([true, true, true]);
  });
});
