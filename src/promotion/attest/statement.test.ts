import { describe, expect, it } from "vitest";

import { digestOf, type PinnedImage, type VerificationSummary } from "../../core/index.ts";
import { STATES } from "../judge/lines.ts";
import type { OwnSummary } from "./ports.ts";
import { admits, isGood, isPositive, levelsOf, type Verification } from "./statement.ts";

const NOW = new Date("2026-11-30T12:00:00Z");
const DAY = 24 * 3_600_000;
const IMAGE: PinnedImage = { registry: "ghcr.io", repository: "acme/app", digest: digestOf("app") };
const LEVELS = ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"];
const BY: Verification = {
  verifier: "https://acme.test/promoter",
  policy: { uri: "https://acme.test/policy", digest: digestOf("policy") },
  levels: new Map([
    ["builder", 3],
    ["release", 2],
  ]),
  renewBeforeMs: 0,
};

function daysAgo(days: number): Date {
  return new Date(NOW.getTime() - days * DAY);
}

function summaryOf(more: Partial<VerificationSummary> = {}): VerificationSummary {
  return {
    kind: "vsa",
    verifier: BY.verifier,
    result: "PASSED",
    levels: LEVELS.toReversed(),
    verifiedAt: daysAgo(27),
    policies: [BY.policy],
    resources: ["oci://ghcr.io/acme/app"],
    ...more,
  };
}

function good(own: OwnSummary, more: Partial<Verification> = {}): boolean {
  return isGood(own, { image: IMAGE, levels: LEVELS }, { ...BY, ...more }, NOW);
}

describe("a summary that is there", () => {
  it.each<[string, Partial<VerificationSummary>, boolean]>([
    ["says the same", {}, true],
    ["failed", { result: "FAILED" }, false],
    ["is a simple result", { kind: "svr" }, false],
    ["is by another verifier", { verifier: "https://acme.test/other" }, false],
    ["names another policy", { policies: [{ ...BY.policy, digest: digestOf("weak") }] }, false],
    ["names the policy elsewhere", { policies: [{ ...BY.policy, uri: "https://acme.test/old" }] }, false],
    ["names one level more", { levels: [...LEVELS, "SLSA_BUILD_LEVEL_1"] }, false],
    ["names one level less", { levels: ["SLSA_BUILD_LEVEL_0"] }, false],
    ["is about another repository", { resources: ["oci://ghcr.io/acme/copy"] }, false],
  ])("and %s is good: %s", (_, differing, expected) => {
    expect(good({ summary: summaryOf(differing) })).toBe(expected);
  });

  it.each<[string, OwnSummary, Partial<Verification>, boolean]>([
    ["27 of 30 days old", { summary: summaryOf(), at: daysAgo(27) }, { maxAgeMs: 30 * DAY }, true],
    [
      "27 of 30 days old, to be renewed 72 hours before",
      { summary: summaryOf(), at: daysAgo(27) },
      { maxAgeMs: 30 * DAY, renewBeforeMs: 3 * DAY },
      false,
    ],
    [
      "26 of 30 days old, to be renewed 72 hours before",
      { summary: summaryOf({ verifiedAt: daysAgo(26) }), at: daysAgo(26) },
      { maxAgeMs: 30 * DAY, renewBeforeMs: 3 * DAY },
      true,
    ],
    ["as old as it may be", { summary: summaryOf(), at: daysAgo(27) }, { maxAgeMs: 27 * DAY }, false],
    ["signed today and verified long ago", { summary: summaryOf(), at: NOW }, { maxAgeMs: 20 * DAY }, false],
    [
      "signed long ago and said to be verified today",
      { summary: summaryOf({ verifiedAt: NOW }), at: daysAgo(27) },
      { maxAgeMs: 20 * DAY },
      false,
    ],
    [
      "of a time that nothing vouches for",
      { summary: summaryOf({ verifiedAt: NOW }) },
      { maxAgeMs: DAY },
      false,
    ],
  ])("and is %s", (_, own, more, expected) => {
    expect(good(own, more)).toBe(expected);
  });
});

it("gives a level to positive states alone, and never says that an image was reproduced", () => {
  const counted = { provenance: [{ names: ["release"], isEachEnough: true }] };
  const given = STATES.filter(isPositive).map((state) => [state, levelsOf(state, counted, BY.levels)]);
  expect(Object.fromEntries(given)).toEqual({
    promotable: ["SLSA_BUILD_LEVEL_2"],
    "promotable-rebuilt": ["SLSA_BUILD_LEVEL_2"],
    "legacy-linked": ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"],
  });
});

describe("the level of an image whose provenance is accepted", () => {
  it.each<[string, [readonly string[], boolean][], number]>([
    ["of an authority that is trusted for 3", [[["builder"], true]], 3],
    ["of one that nothing is said of", [[["other"], true]], 1],
    ["of two of which each is enough", [[["builder", "other"], true]], 3],
    ["of two that are only together enough", [[["builder", "other"], false]], 1],
    [
      "by two rules, of which one accepts another authority",
      [
        [["builder"], true],
        [["release"], true],
      ],
      2,
    ],
    ["by no one's", [[[], false]], 1],
    ["by a rule that asks for none", [], 1],
  ])("%s", (_, asked, level) => {
    const provenance = asked.map(([names, isEachEnough]) => ({ names, isEachEnough }));
    expect(levelsOf("promotable", { provenance }, BY.levels)).toEqual([`SLSA_BUILD_LEVEL_${level}`]);
  });
});

describe("whether the newest summaries of a signer may still admit an image", () => {
  const elsewhere = { resources: ["oci://ghcr.io/acme/copy"] };
  it.each<[string, Partial<VerificationSummary>[], boolean]>([
    ["none", [], false],
    ["PASSED, by whatever policy", [{ policies: [] }], true],
    ["FAILED", [{ result: "FAILED" }], false],
    ["PASSED, and FAILED about another resource", [{}, { ...elsewhere, result: "FAILED" }], false],
    ["PASSED by another verifier", [{ verifier: "https://other.test" }], false],
  ])("%s", (_, newest, isAdmitted) => {
    expect(
      admits(
        newest.map((each) => ({ summary: summaryOf(each) })),
        BY,
      ),
    ).toBe(isAdmitted);
  });
});
