import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatDuration, parseDuration, parseInstant } from "./time.ts";

describe("parseInstant", () => {
  it.each([
    ["2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000Z"],
    ["2026-11-24T10:00:00.123456789Z", "2026-11-24T10:00:00.123Z"],
    ["2026-11-24T10:00:00+02:00", "2026-11-24T08:00:00.000Z"],
    ["2026-11-24T10:00:00-23:59", "2026-11-25T09:59:00.000Z"],
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
  ])("reads %s", (text, iso) => {
    expect(parseInstant(text)?.toISOString()).toBe(iso);
  });

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-11-24T24:00:00Z",
    "2026-11-24T23:59:60Z",
    "2026-11-24T10:00:00",
    "2026-11-24 10:00:00Z",
    "2026-11-24t10:00:00z",
    "2026-11-24T10:00Z",
    "2026-11-24T10:00:00.Z",
    "2026-11-24T10:00:00+24:00",
    "1969-12-31T23:59:59Z",
    "+002026-11-24T10:00:00Z",
    "2026-11-24",
    "now",
    "",
  ])("takes %j for no instant", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it("reads back whatever Date writes, and never throws", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
        (date) => {
          expect(parseInstant(date.toISOString())?.getTime()).toBe(date.getTime());
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.string(),
        (text) =>
          [undefined, "object"].includes(typeof parseInstant(text)) || parseInstant(text) === undefined,
      ),
    );
  });
});

describe("durations", () => {
  it.each([
    ["7d", 604_800_000],
    ["1h30m", 5_400_000],
    ["2w1d", 1_296_000_000],
    ["10s", 10_000],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "7", "d", "-1h", "1h junk", "1.5h", "1m1h", "1h1h", "0s", "9999999w", `${"1".repeat(40)}s`])(
    "takes %j for no duration",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it.each([
    [0, "0s"],
    [999, "1s"],
    [90_061_000, "1d 1h"],
    [59_000, "59s"],
    [3_600_000, "1h"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
