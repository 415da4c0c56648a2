import { describe, expect, it } from "vitest";

import { listenAddress } from "./listen-address.ts";

describe("the address to listen at", () => {
  it.each([
    ["::", true, "::"],
    ["::", false, "0.0.0.0"],
    ["::1", false, "::1"],
    ["127.0.0.1", false, "127.0.0.1"],
  ])("%s, of which the machine can listen at: %s, is %s", async (address, can, expected) => {
    expect(await listenAddress(address, () => Promise.resolve(can))).toBe(expected);
  });

  it("by itself tries whether the machine has it", async () => {
    expect(["::", "0.0.0.0"]).toContain(await listenAddress("::"));
  });
});
