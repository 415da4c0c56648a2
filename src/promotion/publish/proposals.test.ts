import { describe, expect, it } from "vitest";

import { type Digest, digestOf } from "../../core/index.ts";
import type { JudgedLine, OlderLine } from "../judge/lines.ts";
import { type Proposals, proposalsFrom } from "./proposals.ts";
import { readUses } from "./uses.ts";

const BAD = digestOf("bad");
const PART = digestOf("part");

function judged(more: Partial<JudgedLine> = {}): JudgedLine {
  return {
    kind: "judged",
    repository: "ghcr.io/acme/app",
    digest: BAD,
    tags: [],
    children: [],
    clock: "none",
    sources: ["catalog"],
    running: 0,
    state: "non-promotable",
    reasons: [{ code: "provenance/missing", message: "none" }],
    at: "2026-11-30T10:00:00.000Z",
    ...more,
  };
}

function proposed(images: readonly (JudgedLine | OlderLine)[], more: object = {}): Proposals {
  return proposalsFrom(images, { isListed: () => false, includeRunning: false, ...more });
}

function digests({ entries }: Proposals): readonly Digest[] {
  return entries.map(({ digest }) => digest);
}

describe("what is proposed to be refused everywhere", () => {
  it("is what is not promotable, once, with a reason of one line", () => {
    const reasons = [
      { code: "provenance/missing", message: "a\nb" },
      { code: "signature/missing", message: "none" },
    ];
    expect(proposed([judged({ reasons }), judged({ repository: "ghcr.io/acme/copy", reasons })])).toEqual({
      entries: [
        {
          digest: BAD,
          reason: "Not promotable (provenance/missing, signature/missing), by a backfill of 2026-11-30.",
        },
      ],
      running: [],
      unasked: 0,
      elsewhere: 0,
      unmatched: 0,
      listed: 0,
    });
  });

  const copy = { repository: "ghcr.io/acme/copy" };
  it.each<[string, readonly (JudgedLine | OlderLine)[], keyof Proposals]>([
    ["promotable in another repository", [judged(), judged({ ...copy, state: "promotable" })], "elsewhere"],
    ["unknown in another repository", [judged(), judged({ ...copy, state: "unknown" })], "elsewhere"],
    [
      "not judged in another repository",
      [judged(), { kind: "older", ...copy, digest: BAD, time: "2026-01-01T00:00:00Z" }],
      "elsewhere",
    ],
    [
      "part of a good image",
      [judged(), judged({ digest: PART, children: [BAD], state: "promotable" })],
      "elsewhere",
    ],
    [
      "not asked about by any rule",
      [judged({ reasons: [{ code: "policy/unmatched", message: "none" }] })],
      "unmatched",
    ],
    ["running", [judged({ running: 1, places: ["Pod shop/web: web"] })], "running"],
    ["running from another repository", [judged(), judged({ ...copy, running: 1 })], "running"],
    ["part of what runs", [judged(), judged({ digest: PART, children: [BAD], running: 2 })], "running"],
  ])("is not what is %s", (_, images, counted) => {
    const result = proposed(images);
    expect(digests(result)).not.toContain(BAD);
    expect(result[counted]).not.toEqual(counted === "running" ? [] : 0);
  });

  it("is what runs, too, where that is asked for, and says where", () => {
    const result = proposed([judged({ running: 1, places: ["Pod shop/web: web"] })], {
      includeRunning: true,
    });
    expect(digests(result)).toEqual([BAD]);
    expect(result.running.map(({ places }) => places)).toEqual([["Pod shop/web: web"]]);
  });

  it("counts what nothing was asked about, and leaves out what is listed", () => {
    expect(proposed([judged({ running: undefined })]).unasked).toBe(1);
    const listed = proposed([judged()], { isListed: () => true });
    expect([digests(listed), listed.listed]).toEqual([[], 1]);
  });

  it.each<[string, { image: string; running?: Digest }, boolean]>([
    ["its digest in another repository", { image: `mirror.test/app@${BAD}` }, true],
    ["a tag that a node runs as its digest", { image: "mirror.test/app:v1", running: BAD }, true],
    ["a tag of its repository whose digest no node says", { image: "ghcr.io/acme/app:v1" }, true],
    ["another image", { image: `ghcr.io/acme/app@${PART}` }, false],
  ])("asks the cluster instead of the journal where it can: it names %s", async (_, named, isUsed) => {
    const uses = await readUses({
      images: async (take) => {
        take({ place: "Pod shop/web: web", isPod: true, ...named });
        return [];
      },
    });
    expect(digests(proposed([judged({ running: undefined })], { uses }))).toEqual(isUsed ? [] : [BAD]);
  });
});
