import { describe, expect, it } from "vitest";

import type { Judged, Verdict } from "../core/index.ts";
import { respond } from "./response.ts";

const FRESH: Judged = { image: "i", rules: [], proofs: [], evidenceAgeMs: 1000 };
const STALE: Judged = { ...FRESH, evidenceAgeMs: 5.5 * 3_600_000, staleBecause: "r.example does not answer" };

function evidenceNote(judged: readonly Judged[]): string | undefined {
  const verdict: Verdict = { decision: "allow", mode: "enforce", objections: [], waived: [], judged };
  return respond("u", verdict).response.auditAnnotations?.["staleEvidence"];
}

describe("the answer", () => {
  it("says that old evidence had to do, how old it is, and why", () => {
    expect(evidenceNote([FRESH, STALE])).toBe("5h 30m old: r.example does not answer");
    expect(evidenceNote([FRESH])).toBeUndefined();
  });
});
