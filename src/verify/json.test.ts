import { describe, expect, it } from "vitest";

import { listOf, parseJsonObject } from "./json.ts";

describe("a JSON object of an attachment", () => {
  it.each<[string, Uint8Array | string, string]>([
    ["no UTF-8", Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "the body is not UTF-8"],
    ["no JSON", "{", "the body is not JSON"],
    ["a list", "[]", "the body is not a JSON object"],
    ["null", "null", "the body is not a JSON object"],
    ["a text", '"{}"', "the body is not a JSON object"],
    ["65 levels", `{"a":${"[".repeat(64)}${"]".repeat(64)}}`, "the body is nested deeper than 64"],
  ])("is none: %s", (_, text, why) => {
    expect(() => parseJsonObject(text, "the body")).toThrow(why);
  });

  it("may be 64 levels deep, brackets in texts not counted", () => {
    expect(parseJsonObject(`{"a":${"[".repeat(63)}${"]".repeat(63)}}`, "x")).toHaveProperty("a");
    const text = `{"a":"${"[".repeat(99)}","b\\"${"{".repeat(99)}":[[],[]],"c":[[],[]]}`;
    expect(Object.keys(parseJsonObject(Buffer.from(text), "x"))).toHaveLength(3);
  });

  it("has lists that may be absent, and that are bounded", () => {
    expect([listOf(undefined, 1, "x"), listOf(null, 1, "x"), listOf([1], 1, "x")]).toEqual([[], [], [1]]);
    expect(() => listOf([1, 2], 1, "entries")).toThrow("2 entries; at most 1 are read");
    expect(() => listOf({}, 1, "entries")).toThrow("entries is not a list");
  });
});
