import { describe, expect, it } from "vitest";

import { evidenceWorld } from "../../../test/support/evidence-world.ts";
import { Fault } from "../../core/index.ts";
import { createRecentFailures } from "./recent-failures.ts";

const DOWN = new Fault("registry/unavailable", "down", {
  cause: new Error("a socket and all that hangs on it"),
});

function failures() {
  const { deps, set } = evidenceWorld();
  const limits = { ...deps.limits, cacheEntries: 3, retryAfterMs: 10 };
  return { ...createRecentFailures({ limits, now: deps.now }), at: (now: number) => set({ now }) };
}

describe("recent failures", () => {
  it("are remembered while they are recent, whichever way the clock goes, and without their causes", () => {
    const { lately, remember, at } = failures();
    at(100);
    expect(remember("a", DOWN)).toBe(DOWN);
    expect(lately("a")).toMatchObject({ code: "registry/unavailable", message: "down" });
    expect(lately("a")?.cause).toBeUndefined();
    expect(lately("b")).toBeUndefined();
    for (const [now, isKnown] of [
      [109, true],
      [110, false],
      [91, true],
      [90, false],
    ] as const) {
      at(now);
      expect(lately("a") !== undefined).toBe(isKnown);
    }
  });

  it("keep the first of several, so that it is tried again, and go with a success", () => {
    const { lately, remember, forget, at } = failures();
    remember("a", DOWN);
    at(9);
    remember("a", new Fault("deadline/exceeded", "late"));
    expect(lately("a")?.code).toBe("registry/unavailable");
    at(10);
    expect(lately("a")).toBeUndefined();
    remember("a", new Fault("deadline/exceeded", "late"));
    expect(lately("a")?.code).toBe("deadline/exceeded");
    forget("a");
    expect(lately("a")).toBeUndefined();
  });

  it("are so many at most; the oldest go first", () => {
    const { lately, remember, at } = failures();
    for (const [now, key] of ["a", "b", "c", "d"].entries()) {
      at(now);
      remember(key, DOWN);
    }
    expect(["a", "b", "c", "d"].filter((key) => lately(key) !== undefined)).toEqual(["b", "c", "d"]);
  });
});
