import { describe, expect, it } from "vitest";

import { type Attestation, digestOf, type Evidence, type Objection, type Verdict } from "../../core/index.ts";
import type { ImageLine } from "../inventory/lines.ts";
import { existedSince, lacksHistoryOnly, stateOf } from "./state-of.ts";

const LINE: ImageLine = {
  kind: "image",
  repository: "ghcr.io/acme/app",
  digest: digestOf("app"),
  tags: [],
  children: [],
  clock: "none",
  sources: ["images"],
};

const NONE = { attachments: [], provenance: [] };

function verdict(...codes: readonly string[]): Verdict {
  const objections = codes.map((code) => {
    const kind = code.startsWith("registry/") || code.startsWith("limits/") ? "fault" : "finding";
    return { kind, code, message: code, subject: { image: "x", place: "y" } } as Objection;
  });
  return {
    decision: codes.length === 0 ? "allow" : "deny",
    mode: "enforce",
    objections,
    waived: [],
    judged: [],
  };
}

function evidence(
  ...proofs: readonly { readonly started?: string; readonly seen?: string; readonly built?: false }[]
) {
  const attestations = proofs.map(({ started, seen, built = true }) => ({
    ...(built && {
      provenance: { builderId: "b", sources: [], ...(started && { startedAt: new Date(started) }) },
    }),
    ...(seen !== undefined && { trustedTime: new Date(seen) }),
  })) as unknown as Attestation[];
  return { attestations, signatures: [] } as unknown as Evidence;
}

const BUILT = evidence({ started: "2026-11-01T10:00:00Z", seen: "2026-11-01T10:05:00Z" });

function state(
  found: Verdict,
  seen: Evidence | undefined = BUILT,
  asksProvenance = true,
  line = LINE,
): string {
  return stateOf(line, { verdict: found, evidence: seen, counted: NONE, asksProvenance }).state;
}

describe("the state of an image", () => {
  it.each<[string, readonly string[], string]>([
    ["nothing", [], "promotable"],
    ["the lack of a summary", ["promotable/unknown"], "promotable"],
    ["a summary that is too old", ["promotable/too-old"], "promotable"],
    ["a summary that says FAILED", ["promotable/refused"], "non-promotable"],
    ["a finding", ["provenance/missing"], "non-promotable"],
    [
      "a finding next to the lack of a summary",
      ["promotable/unknown", "revocation/digest"],
      "non-promotable",
    ],
    ["a fault", ["registry/unavailable"], "unknown"],
    ["a fault next to a finding", ["provenance/missing", "limits/exceeded"], "unknown"],
  ])("against which the gate has %s is told by it", (_, codes, expected) => {
    expect(state(verdict(...codes))).toBe(expected);
  });

  it.each([
    [
      "its summary alone is promotable: another signer may promote it again",
      ["promotable/unknown"],
      "promotable",
    ],
    ["its provenance is not", ["provenance/missing"], "non-promotable"],
    ["both is not", ["promotable/unknown", "provenance/missing"], "non-promotable"],
  ])("by a revoked signer of %s", (_, consequences, expected) => {
    const found = verdict("revocation/signer", ...consequences);
    const objections = found.objections.map((each) =>
      each.kind === "finding" && each.code !== "revocation/signer"
        ? { ...each, isConsequence: true as const }
        : each,
    );
    expect(state({ ...found, objections })).toBe(expected);
  });

  it("against which a revoked signer's word speaks without a consequence is non-promotable", () => {
    expect(state(verdict("revocation/signer", "promotable/unknown"))).toBe("non-promotable");
  });

  it("whose provenance no rule asks for is non-promotable, whatever else passes", () => {
    expect(state(verdict(), BUILT, false)).toBe("non-promotable");
  });

  it("whose evidence is not known is unknown", () => {
    const judgement = { verdict: verdict(), evidence: undefined, counted: NONE, asksProvenance: true };
    expect(stateOf(LINE, judgement).state).toBe("unknown");
  });

  it.each<[string, Partial<ImageLine>, Evidence, string]>([
    ["was pushed after its build", { time: "2026-11-01T10:04:00Z" }, BUILT, "promotable"],
    ["was pushed less than a day before", { time: "2026-10-31T11:00:00Z" }, BUILT, "promotable"],
    ["was pushed more than a day before", { time: "2026-10-31T09:00:00Z" }, BUILT, "promotable-rebuilt"],
    [
      "was signed more than a day before",
      {},
      evidence({ started: "2026-11-01T10:00:00Z" }, { seen: "2026-10-01T00:00:00Z", built: false }),
      "promotable-rebuilt",
    ],
    [
      "has provenance of both builds",
      { time: "2026-10-01T10:00:00Z" },
      evidence({ started: "2026-10-01T09:00:00Z" }, { started: "2026-11-01T10:00:00Z" }),
      "promotable",
    ],
    ["has provenance without any time", { time: "2026-10-01T10:00:00Z" }, evidence({}), "promotable"],
  ])("that %s", (_, differing, seen, expected) => {
    expect(state(verdict(), seen, true, { ...LINE, ...differing })).toBe(expected);
  });

  it("exists since the earliest of its push and its proofs", () => {
    const line = { ...LINE, time: "2026-10-01T00:00:00Z" };
    expect(existedSince(line, BUILT)).toEqual(new Date("2026-10-01T00:00:00Z"));
    expect(existedSince(LINE, BUILT)).toEqual(new Date("2026-11-01T10:05:00Z"));
    expect(existedSince(LINE, undefined)).toBeUndefined();
  });

  it.each<[readonly string[], boolean]>([
    [["provenance/missing"], true],
    [["provenance/missing", "signature/missing", "promotable/unknown"], true],
    [["provenance/missing", "revocation/digest"], false],
    [["provenance/untrusted-builder"], false],
    [["promotable/unknown"], false],
    [[], false],
  ])("with %j may have a history that can be linked: %s", (codes, expected) => {
    const judgement = {
      verdict: verdict(...codes),
      evidence: undefined,
      counted: NONE,
      asksProvenance: true,
    };
    expect(lacksHistoryOnly(judgement)).toBe(expected);
  });
});
