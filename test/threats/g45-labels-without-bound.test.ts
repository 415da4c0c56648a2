import { describe, expect, it } from "vitest";

import type { Verdict } from "../../src/core/index.ts";
import { createMetrics } from "../../src/metrics/index.ts";

function seriesOf(text: string): number {
  return text.split("\n").filter((line) => line.startsWith("mc_gate_")).length;
}

function verdictOn(image: string, waiver: string): Verdict {
  const finding = {
    kind: "finding",
    code: "signature/missing",
    subject: { image, place: image },
    message: image,
  } as const;
  const used = { finding, waiver: { id: waiver, owners: [image], until: new Date(0), leftMs: 0 } };
  return {
    decision: "deny",
    mode: "enforce",
    objections: [finding],
    waived: [used],
    expired: [used],
    judged: [],
  };
}

describe("G45: metric labels that grow with the input", () => {
  it("adds no series for ten thousand images, and at most 402 for ten thousand waivers", async () => {
    const metrics = createMetrics();
    const decide = (at: number, waiver: string) =>
      metrics.decision({
        uid: `u-${at}`,
        operation: "CREATE",
        caller: "verified",
        verdict: verdictOn(`evil/${at}"\n{x}`, waiver),
        seconds: 0.01,
      });
    decide(0, "W");
    const one = seriesOf((await metrics.render()).text);
    for (let at = 1; at < 10_000; at++) decide(at, "W");
    const { text } = await metrics.render();
    expect(seriesOf(text)).toBe(one);
    expect(text).not.toContain("evil");
    for (let at = 0; at < 10_000; at++) decide(at, `W-${at}`);
    expect(seriesOf((await metrics.render()).text)).toBeLessThanOrEqual(one + 402);
  });

  it("keeps one uid a bucket, whatever uids there are, and shows them in OpenMetrics only", async () => {
    const metrics = createMetrics();
    const evil = `"} 1\n${"x".repeat(500)}`;
    for (let at = 0; at < 1000; at++)
      metrics.decision({
        uid: `${at}${evil}`,
        operation: "CREATE",
        caller: "verified",
        verdict: verdictOn("i", "W"),
        seconds: at / 100,
      });
    const { text } = await metrics.render("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    const exemplars = text.split("\n").filter((line) => line.includes(" # {"));
    expect(exemplars.length).toBeGreaterThan(5);
    expect(exemplars.length).toBeLessThanOrEqual(15);
    for (const line of exemplars)
      expect(line).toMatch(
        /^mc_gate_admission_duration_seconds_bucket\{[^{}]*\} \d+ # \{uid="[^\n]{1,140}"\} [\d.]+ [\d.]+$/,
      );
    const older = await metrics.render("text/plain");
    expect(older.text).not.toContain(" # {");
  });
});
