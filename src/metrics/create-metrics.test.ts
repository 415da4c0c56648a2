import { describe, expect, it } from "vitest";

import { NO_READINGS } from "../../test/support/readings.ts";
import type { Verdict } from "../core/index.ts";
import { createMetrics } from "./create-metrics.ts";
import type { Readings } from "./state-metrics.ts";
import { METRICS } from "./table.ts";

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
      'mc_gate_admission_late_total{mode="advisory"} 0',
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
      ...NO_READINGS,
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

  it("forget a trust root that the policy names no more, and a waiver that is gone", async () => {
    const metrics = createMetrics();
    let isThere = true;
    metrics.read({
      ...NO_READINGS,
      trustAges: () => (isThere ? [{ source: "file", seconds: 5 }] : []),
      waivers: () => (isThere ? [{ id: "W-1", until: new Date(3_000_000) }] : []),
    });
    const ages = "mc_gate_trust_age_seconds";
    const ends = "mc_gate_waiver_expiry_timestamp_seconds";
    expect(await lines(metrics, ages)).toEqual([`${ages}{source="file"} 5`]);
    expect(await lines(metrics, ends)).toEqual([`${ends}{waiver="W-1"} 3000`]);
    isThere = false;
    expect([...(await lines(metrics, ages)), ...(await lines(metrics, ends))]).toEqual([]);
  });

  it("count each dangerous setting in force, and 0 where it is not", async () => {
    const metrics = createMetrics();
    metrics.read({ ...NO_READINGS, dangers: () => ["plainHttpUnsafe", "unmatchedAllow", "plainHttpUnsafe"] });
    expect(await lines(metrics, "mc_gate_dangers")).toEqual([
      'mc_gate_dangers{danger="plainHttpUnsafe"} 2',
      'mc_gate_dangers{danger="allowLoopbackUnsafe"} 0',
      'mc_gate_dangers{danger="transparencyLogNotRequiredUnsafe"} 0',
      'mc_gate_dangers{danger="certificateTransparencyNotRequiredUnsafe"} 0',
      'mc_gate_dangers{danger="unmatchedAllow"} 1',
    ]);
  });

  it("count hits of a waiver in force from 0", async () => {
    const metrics = createMetrics();
    metrics.read({ ...NO_READINGS, waivers: () => [{ id: "W-1", until: new Date(0) }] });
    await metrics.render();
    const hits = "mc_gate_waiver_expired_hits_total";
    expect(await lines(metrics, hits)).toEqual([`${hits}{waiver="W-1"} 0`]);
  });

  it("say which text of a document is in force, and how many namespaces each mode has", async () => {
    const metrics = createMetrics();
    const good = {
      name: "policy",
      acceptedAt: new Date(0),
      problems: 0,
      digest: `sha256:${"ab".repeat(32)}`,
    };
    metrics.read({
      ...NO_READINGS,
      version: "1.2.3",
      documents: () => [good, { ...good, name: "waivers", digest: undefined }],
      namespaceModes: () => ["off", "enforce", "off"],
    });
    expect(await lines(metrics, "mc_gate_build_info")).toEqual(['mc_gate_build_info{version="1.2.3"} 1']);
    expect(await lines(metrics, "mc_gate_document_info")).toEqual([
      'mc_gate_document_info{document="policy",digest="sha256:abababababab"} 1',
    ]);
    expect(await lines(metrics, "mc_gate_namespaces")).toEqual([
      'mc_gate_namespaces{mode="enforce"} 1',
      'mc_gate_namespaces{mode="advisory"} 0',
      'mc_gate_namespaces{mode="off"} 2',
    ]);
  });

  it("show every metric of the table", async () => {
    const metrics = createMetrics();
    metrics.read(NO_READINGS);
    const { text } = await metrics.render();
    expect(Object.keys(METRICS).filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  });

  it("have no gauge whose name is a counter's", async () => {
    const { text } = await createMetrics().render();
    const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
    expect(gauges.length).toBeGreaterThan(10);
    expect(gauges.filter((name) => name?.endsWith("_total"))).toEqual([]);
  });

  it("say what the API server has of the webhooks, and 0 where they are gone", async () => {
    const metrics = createMetrics();
    const webhook = {
      name: "enforce.mc-gate.dev",
      failurePolicy: "Fail",
      caBundle: "ok",
      scope: "ab",
    } as const;
    let webhooks: ReturnType<Readings["webhooks"]>;
    metrics.read({ ...NO_READINGS, webhooks: () => webhooks });
    expect(await lines(metrics, "mc_gate_webhook")).toEqual([]);
    webhooks = [webhook];
    expect(await lines(metrics, "mc_gate_webhook")).toEqual([
      "mc_gate_webhooks 1",
      'mc_gate_webhook_info{webhook="enforce.mc-gate.dev",failure_policy="Fail",ca_bundle="ok",scope="ab"} 1',
    ]);
    webhooks = [];
    expect(await lines(metrics, "mc_gate_webhook")).toEqual(["mc_gate_webhooks 0"]);
  });
});
