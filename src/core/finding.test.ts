import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { digestOf, parseDigest, splitDigest } from "./digest.ts";
import { asFault, Fault } from "./fault.ts";
import { gateOf, printable } from "./finding.ts";
import { modeOfLabel, parseMode } from "./mode.ts";

describe("printable", () => {
  it.each([
    ["plain", 10, "plain"],
    ["ten letter", 10, "ten letter"],
    ["eleven text", 10, "eleven ..."],
    ["a\nb\tc\u0000d", 10, "a?b?c?d"],
    ["\u202eevil", 10, "?evil"],
  ])("%j in %i characters is %j", (text, most, clean) => {
    expect(printable(text, most)).toBe(clean);
  });

  it("is printable ASCII within its bound, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 4, max: 50 }), (text, most) => {
        expect(printable(text, most)).toMatch(/^[\x20-\x7e]*$/);
        expect(printable(text, most).length).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe("codes, faults, modes and digests", () => {
  it("names the gate of a code", () => {
    expect(gateOf("signature/missing")).toBe("signature");
    expect(gateOf("policy/unmatched")).toBe("policy");
  });

  it("keeps a fault and wraps anything else as one, with its cause", () => {
    const fault = new Fault("registry/forbidden", "no");
    const error = new Error("x".repeat(1000));
    expect(asFault(fault)).toBe(fault);
    expect(asFault(error)).toMatchObject({ code: "internal/unexpected", cause: error, retryable: true });
    expect(asFault(error).message.length).toBeLessThanOrEqual(300);
    expect(asFault("text")).toBeInstanceOf(Fault);
    expect(fault.retryable).toBe(false);
  });

  it("reads the three modes and nothing else", () => {
    expect(["enforce", "advisory", "off", "Enforce", "", undefined].map(parseMode)).toEqual([
      "enforce",
      "advisory",
      "off",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("takes every label that spells no mode for enforce, and no label for none", () => {
    const labels = ["enforce", "advisory", "off", "Enforce", "OFF", "", " off"];
    expect(labels.map(modeOfLabel)).toEqual([
      "enforce",
      "advisory",
      "off",
      "enforce",
      "enforce",
      "enforce",
      "enforce",
    ]);
    expect(modeOfLabel(undefined)).toBeUndefined();
  });

  it("reads digests of both algorithms in lower case only", () => {
    const digest = digestOf("text", "sha512");
    expect(parseDigest(digest)).toBe(digest);
    expect(splitDigest(digest)).toEqual({ algorithm: "sha512", hex: digest.slice(7) });
    expect(splitDigest(digestOf("text")).algorithm).toBe("sha256");
    expect(parseDigest(digest.toUpperCase())).toBeUndefined();
    expect(parseDigest(`${digest}\n`)).toBeUndefined();
  });
});
