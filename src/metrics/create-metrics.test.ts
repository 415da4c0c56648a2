import { describe, expect, it } from "vitest";

import type { Verdict } from "../core/index.ts";
import { createMetrics, type Readings } from "./create-metrics.ts";

const ALLOWED: Verdict = { decision: "allow", mode: "enforce", objections: [], waived: [], judged: [] };
const LATE: Verdict = {
  ...ALLOWED,
  decision: "deny",
  objections: [{ kind: "fault", code: "deadline/exceeded", message: "m" }],
};
const HOUR_MS = 3_600_000;

async function lines(metrics: ReturnType<typeof createMetrics>, start: string): Promise<string[]> {
  const { text } = await metrics.render();
  return text.split("\n").filter((line) => line.startsWith(start));
}

function decide(metrics: ReturnType<typeof createMetrics>, verdict: Verdict): void {
  metrics.decision({ uid: "u", operation: "CREATE", caller: "verified", verdict, seconds: 0.1 });
}

describe("the metrics", () => {
  it("count decisions that were due before all was known", async () => {
    const metrics = createMetrics();
    for (const verdict of [LATE, ALLOWED, LATE]) decide(metrics, verdict);
    expect(await lines(metrics, "mc_gate_admission_late_total")).toEqual([
      'mc_gate_admission_late_total{mode="enforce"} 2',
    ]);
  });

  it("have the age of evidence, apart where it was used for want of newer", async () => {
    const metrics = createMetrics();
    const judged = { image: "i", rules: [], proofs: [] };
    const old = { ...judged, evidenceAgeMs: 5 * HOUR_MS, staleBecause: "a registry is down" };
    decide(metrics, { ...ALLOWED, judged: [{ ...judged, evidenceAgeMs: 30_000 }, old, judged] });
    const sums = await lines(metrics, "mc_gate_evidence_age_seconds_sum");
    expect(sums.toSorted()).toEqual([
      'mc_gate_evidence_age_seconds_sum{freshness="fresh"} 30',
      'mc_gate_evidence_age_seconds_sum{freshness="stale"} 18000',
    ]);
  });

  it("say what overload there is, from the start, so that a rise is seen", async () => {
    const metrics = createMetrics();
    const shed = "mc_gate_admission_shed_total";
    expect(await lines(metrics, shed)).toEqual([`${shed}{reason="reviews"} 0`, `${shed}{reason="bytes"} 0`]);
    metrics.shed("bytes");
    metrics.waiting(1);
    expect(await lines(metrics, `${shed}{reason="bytes"}`)).toEqual([`${shed}{reason="bytes"} 1`]);
    expect(await lines(metrics, "mc_gate_collections_waiting")).toEqual(["mc_gate_collections_waiting 1"]);
  });

  it("show an authority that was replaced only while it is in the caBundle", async () => {
    const metrics = createMetrics();
    const current = { authority: "current", end: new Date(2_000_000) } as const;
    const previous = { authority: "previous", end: new Date(1_000_000) } as const;
    let authorities: ReturnType<Readings["authorityEnds"]> = [current, previous];
    metrics.read({
      documents: () => [],
      trustAges: () => [],
      certificateEnd: () => undefined,
      authorityEnds: () => authorities,
    });
    const name = "mc_gate_authority_expiry_timestamp_seconds";
    expect(await lines(metrics, name)).toEqual([
      `${name}{authority="current"} 2000`,
      `${name}{authority="previous"} 1000`,
    ]);
    authorities = [current];
    expect(await lines(metrics, name)).toEqual([`${name}{authority="current"} 2000`]);
  });
});
