import { describe, expect, it } from "vitest";

import { renamedWord } from "./renamed-words.ts";

describe("renamedWord", () => {
  it.each([
    ["revoke", '"mc revoke" is now called "mc revocations".'],
    ["revoke add --id R-1", '"mc revoke" is now called "mc revocations".'],
    ["waivers canonical WA-7", '"mc waivers canonical" is now called "mc waivers payload".'],
    [
      "policy import f.yaml --accept-loss",
      '"mc policy import --accept-loss" is now called "mc policy import --accept-loss-unsafe".',
    ],
  ])("mc %s: %s", (line, sentence) => {
    expect(renamedWord(line.split(" "))).toBe(sentence);
  });

  it.each(["", "revocations add", "waivers list canonical", "verify revoke", "waivers payload canonical"])(
    "mc %s: undefined",
    (line) => {
      expect(renamedWord(line.split(" "))).toBeUndefined();
    },
  );
});
