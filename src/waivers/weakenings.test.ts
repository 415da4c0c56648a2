import { describe, expect, it } from "vitest";

import { digestOf } from "../core/index.ts";
import { waiverWeakenings } from "./weakenings.ts";

const OLD = {
  id: "W-1",
  class: "sbom",
  digest: digestOf("an image"),
  image: "ghcr.io/acme/app",
  namespaces: ["shop"],
  reason: "The supplier delivers its list of parts next week.",
  owners: ["olga"],
  created: "2026-11-24T09:00:00Z",
  ttl: "7d",
};

function textOf(...waivers: readonly object[]): string {
  return JSON.stringify({ waivers }, undefined, 2);
}

describe("an edit of the waivers", () => {
  it.each<[string, readonly object[]]>([
    ["the same", [OLD]],
    ["none at all", []],
    ["an earlier end", [{ ...OLD, ttl: "1d" }]],
    ["a later start", [{ ...OLD, created: "2026-11-25T09:00:00Z", ttl: "6d" }]],
    ["another owner", [{ ...OLD, owners: ["otto"] }]],
    ["one that breaks a rule, and is none", [OLD, { ...OLD, id: "W-2", ttl: "90d" }]],
  ])("is no weakening: %s", (_, after) => {
    expect(waiverWeakenings(textOf(OLD), textOf(...after))).toEqual([]);
  });

  it.each<[string, object]>([
    ["a new one", { ...OLD, id: "W-2" }],
    ["a later end", { ...OLD, ttl: "8d" }],
    ["an earlier start", { ...OLD, created: "2026-11-23T09:00:00Z", ttl: "8d" }],
    ["another class", { ...OLD, class: "signature" }],
    ["another image", { ...OLD, digest: digestOf("another") }],
    ["any repository", { ...OLD, image: undefined }],
    ["any namespace", { ...OLD, namespaces: undefined }],
  ])("is a weakening: %s", (_, after) => {
    expect(waiverWeakenings(textOf(OLD), textOf(after))).toMatchObject([{ rule: "weaker-waiver", line: 3 }]);
  });

  it.each([undefined, "", "waivers: 1", "a: ["])(
    "after %j is one for each waiver, and none without any",
    (before) => {
      expect(waiverWeakenings(before, textOf(OLD))).toMatchObject([{ rule: "weaker-waiver", path: "W-1" }]);
      expect(waiverWeakenings(before, textOf())).toEqual([]);
    },
  );

  it("that cannot be read is told with what is wrong", () => {
    expect(waiverWeakenings(textOf(OLD), "waivers: 1")).toMatchObject([{ rule: "wrong-type" }]);
  });
});
