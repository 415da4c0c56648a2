import { describe, expect, it } from "vitest";

import { digestOf, type Verdict } from "../../core/index.ts";
import { decisionLine } from "./decision-log.ts";

const RECORD = {
  uid: "u",
  namespace: "shop",
  kind: "Pod",
  name: "web",
  user: "ana",
  operation: "CREATE",
  dryRun: false,
  caller: "verified",
  seconds: 0.01,
} as const;

function verdictOn(images: number): Verdict {
  const all = Array.from({ length: images }, (_, at) => at);
  const waived = all.map((at) => ({
    finding: {
      kind: "finding",
      code: "signature/missing",
      subject: { image: "a", place: "b" },
      message: "m",
    } as const,
    waiver: { id: `W-${at}`, owners: ["ana"], until: new Date(0), leftMs: 0 },
  }));
  const judged = all.map((at) => ({
    image: `a${at}`,
    digest: digestOf(`${at}`),
    rules: [],
    proofs: [],
    staleBecause: "down",
  }));
  return { decision: "allow", mode: "enforce", objections: [], waived, expired: waived, judged };
}

describe("the log line of a decision", () => {
  it("names the first 16 of a list, and counts what it leaves out", () => {
    const line = decisionLine({ ...RECORD, verdict: verdictOn(20) });
    expect([line["waivers"], line["digests"]].map((list) => (list as unknown[]).length)).toEqual([16, 16]);
    expect(line["omitted"]).toEqual({
      images: 4,
      digests: 4,
      waivers: 4,
      expiredWaivers: 4,
      staleEvidence: 4,
    });
  });

  it("says nothing of omissions where its lists are whole", () => {
    expect(decisionLine({ ...RECORD, verdict: verdictOn(16) })).not.toHaveProperty("omitted");
  });

  it("names images, registries, and faults, where nothing could be learnt of an image", () => {
    const image = `registry.example:5000/shop/web@${digestOf("x")}`;
    const fault = {
      kind: "fault",
      code: "registry/unavailable",
      message: "registry.example:5000 is down",
    } as const;
    const objections: Verdict["objections"] = [
      { ...fault, subject: { image, place: "a" } },
      { ...fault, subject: { image, place: "b" } },
      { kind: "finding", code: "reference/invalid", subject: { image: "A\nB", place: "c" }, message: "m" },
    ];
    const judged = [{ image, registry: "registry.example:5000", rules: [], proofs: [] }];
    const verdict: Verdict = { decision: "deny", mode: "enforce", objections, waived: [], judged };
    expect(decisionLine({ ...RECORD, verdict })).toMatchObject({
      images: [image, "A?B"],
      registries: ["registry.example:5000"],
      faults: ["registry.example:5000 is down"],
      digests: [],
    });
  });

  it("says nothing of faults where there are none", () => {
    expect(decisionLine({ ...RECORD, verdict: verdictOn(1) })).not.toHaveProperty("faults");
  });
});
