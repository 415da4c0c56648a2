import { setImmediate } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { createTurnsByKey } from "./turns-by-key.ts";

describe("turns by key", () => {
  it.each<[string, string, string[]]>([
    ["one key: one after the other", "a", ["first begins", "first ends", "second begins", "second ends"]],
    ["two keys: at once", "b", ["first begins", "second begins", "first ends", "second ends"]],
  ])("%s", async (_, other, expected) => {
    const inTurn = createTurnsByKey();
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await setImmediate();
      events.push(`${name} ends`);
    };
    await Promise.all([inTurn("a", work("first")), inTurn(other, work("second"))]);
    expect(events).toEqual(expected);
  });

  it("work that fails: its caller hears of it, and the next has its turn", async () => {
    const inTurn = createTurnsByKey();
    const failing = inTurn("a", () => Promise.reject(new Error("first")));
    const next = inTurn("a", () => Promise.resolve("second"));
    await expect(failing).rejects.toThrow("first");
    await expect(next).resolves.toBe("second");
  });
});
