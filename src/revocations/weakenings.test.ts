import { describe, expect, it } from "vitest";

import { digestOf } from "../core/index.ts";
import { revocationWeakenings } from "./weakenings.ts";

const OLD = {
  id: "R-1",
  issuer: "https://issuer.test",
  identity: "https://a.test/w",
  from: "2026-11-24T09:00:00Z",
  until: "2026-11-25T09:00:00Z",
  reason: "The release token was read by a stolen scanner.",
  created: "2026-11-24T12:00:00Z",
};
const LISTED = { digest: digestOf("an image"), reason: "no history" };

function textOf(revocations: readonly object[], nonPromotable: readonly object[] = []): string {
  return JSON.stringify({ revocations, nonPromotable }, undefined, 2);
}

describe("an edit of the revocations", () => {
  it.each<[string, readonly object[]]>([
    ["the same", [OLD]],
    ["one more", [OLD, { ...OLD, id: "R-2" }]],
    ["an earlier start", [{ ...OLD, from: "2026-11-23T09:00:00Z" }]],
    ["no start", [{ ...OLD, from: undefined }]],
    ["a later end", [{ ...OLD, until: "2026-11-26T09:00:00Z" }]],
    ["no end", [{ ...OLD, until: undefined }]],
    ["another reason", [{ ...OLD, reason: "What was found out since then." }]],
  ])("is no weakening: %s", (_, after) => {
    expect(revocationWeakenings(textOf([OLD]), textOf(after))).toEqual([]);
  });

  it.each<[string, readonly object[]]>([
    ["one is gone", []],
    ["a later start", [{ ...OLD, from: "2026-11-24T09:00:01Z" }]],
    ["an earlier end", [{ ...OLD, until: "2026-11-25T08:59:59Z" }]],
    ["another identity", [{ ...OLD, identity: "https://b.test/w" }]],
    ["another issuer", [{ ...OLD, issuer: "https://b.test" }]],
    ["a narrower one", [{ ...OLD, sourceRepository: "https://a.test/x" }]],
  ])("is a weakening: %s", (_, after) => {
    expect(revocationWeakenings(textOf([OLD]), textOf(after))).toMatchObject([{ rule: "weaker-revocation" }]);
  });

  it.each(["identity", "sourceRepository"])("is a weakening: the pattern of %s as an exact text", (field) => {
    const { identity: _, ...rest } = OLD;
    const pattern = String.raw`^https://a\.test/[a-z]+$`;
    const [before, after] = [{ pattern }, pattern].map((value) => textOf([{ ...rest, [field]: value }]));
    expect(revocationWeakenings(undefined, before!)).toMatchObject([{ rule: "weaker-than-unknown" }]);
    expect(revocationWeakenings(before, after!)).not.toEqual([]);
  });

  it("is a weakening where an image leaves the list of non-promotable ones", () => {
    expect(revocationWeakenings(textOf([], [LISTED]), textOf([]))).toMatchObject([{ rule: "weaker-list" }]);
    expect(revocationWeakenings(textOf([]), textOf([], [LISTED]))).toEqual([]);
    expect(revocationWeakenings(textOf([], [LISTED]), textOf([], [LISTED]))).toEqual([]);
  });

  it("is told by its entry, where that stands now, and by what it does", () => {
    const [first, second] = [OLD, { ...OLD, id: "R-2" }];
    const before = textOf([first, second]);
    const told = (...after: readonly object[]): unknown =>
      revocationWeakenings(before, textOf(after)).map(({ line, path, message }) => [line, path, message]);
    expect(told(second)).toEqual([[2, "revocations", "R-1 would be gone; a revocation stays."]]);
    const late = "2026-11-24T10:00:00Z";
    expect(told(first, { ...second, from: late })).toEqual([
      [12, "revocations[1]", "R-2 would begin later; its start may only move earlier."],
    ]);
    expect(told({ ...first, until: late }, second)).toEqual([
      [3, "revocations[0]", "R-1 would end earlier."],
    ]);
    expect(told({ ...first, identity: "https://b.test/w" }, second)).toEqual([
      [3, "revocations[0]", "R-1 would be about something else."],
    ]);
    const { identity: _, ...keyless } = { ...first, sourceRepository: "https://a.test/x" };
    expect(revocationWeakenings(textOf([keyless]), textOf([keyless]))).toEqual([]);
    expect(revocationWeakenings(textOf([], [LISTED]), textOf([]))).toMatchObject([
      { path: "nonPromotable", message: `${LISTED.digest.slice(0, 19)} would be promotable.` },
    ]);
  });

  it.each([undefined, "", "revocations: 1", "a: ["])(
    "takes the right after %j, which may have voided anything, whatever it voids itself",
    (before) => {
      for (const after of [textOf([]), textOf([OLD], [LISTED])])
        expect(revocationWeakenings(before, after)).toMatchObject([{ rule: "weaker-than-unknown", line: 1 }]);
    },
  );

  it("that cannot be read is told with what is wrong", () => {
    expect(revocationWeakenings(textOf([OLD]), "revocations: 1")).toMatchObject([{ rule: "wrong-type" }]);
    expect(revocationWeakenings(undefined, "a: [")).toMatchObject([{ rule: "yaml" }]);
  });
});
