import { describe, expect, it } from "vitest";

import type { Waiver } from "../waivers/index.ts";
import { endingWaivers } from "./observe-state.ts";

const NOW = new Date("2026-11-29T00:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;

function waiver(id: string, days: number): Waiver {
  return { id, until: new Date(NOW.getTime() + days * DAY_MS) } as Waiver;
}

describe("the waivers whose end is told", () => {
  it("begin with what ends next, and leave out what ended a week ago", () => {
    const all = [waiver("later", 30), waiver("soon", 1), waiver("gone", -8), waiver("ended", -6)];
    expect(endingWaivers(all, NOW).map(({ id }) => id)).toEqual(["ended", "soon", "later"]);
  });
});
