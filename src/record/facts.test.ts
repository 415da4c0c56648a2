import { describe, expect, it } from "vitest";

import { aPolicy, aSignature, evidenceOf } from "../../test/support/policies.ts";
import { digestOf, Fault, readJson } from "../core/index.ts";
import { NO_SWITCHES } from "../enforcement/index.ts";
import { basisOf, createGate, DEFAULT_LIMITS, type GateDeps, type VerdictBasis } from "../gate/index.ts";
import { NO_REVOCATIONS } from "../revocations/index.ts";
import { NO_WAIVERS } from "../waivers/index.ts";
import { MAX_FACT, recordedBasis } from "./facts.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const DIGEST = digestOf("an image");
const IMAGE = `registry.example/app@${DIGEST}`;
const POLICY = aPolicy(
  `{ trustRoots: { main: { source: publicGood } },
     authorities: { release: { keyless: { trustRoot: main, issuer: i, identity: s } } },
     rules: [{ name: app, images: ["registry.example/**"], require: { signature: { anyOf: [release] } } }] }`,
);
const TRUST = { generation: "1", roots: [], keys: [] };
const EVIDENCE = { ...evidenceOf({ signatures: [aSignature()] }), subject: DIGEST };

function gate(more: Partial<GateDeps> = {}) {
  return createGate({
    registry: {
      resolve: () => Promise.resolve(DIGEST),
      contents: () => Promise.resolve(undefined),
      attachments: () => Promise.resolve({ subject: DIGEST, found: [], skipped: [], gaps: [], searched: [] }),
    },
    verify: () => Promise.resolve({ ...EVIDENCE, collectedAt: NOW, trustGeneration: "1" }),
    trust: () => TRUST,
    policy: () => POLICY,
    waivers: () => NO_WAIVERS,
    revocations: () => NO_REVOCATIONS,
    enforcement: () => NO_SWITCHES,
    now: () => NOW,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
    ...more,
  });
}

async function basis(more: Partial<GateDeps> = {}, image = IMAGE): Promise<VerdictBasis> {
  const verdict = await gate(more).admit({
    namespace: "shop",
    mode: () => "advisory",
    subjects: [{ image, place: 'container "web"' }],
    access: {},
    signal: AbortSignal.timeout(5000),
  });
  return basisOf(verdict)!;
}

const OPTIONS = {
  digestOfDocument: (document: object) => (document === POLICY ? digestOf("policy") : undefined),
};

describe("what a decision was made by", () => {
  it("is recorded with documents and facts by digest, and can be judged again", async () => {
    const { fields, facts } = recordedBasis(await basis(), OPTIONS);
    expect(fields).toMatchObject({
      replayable: true,
      basis: {
        at: NOW.toISOString(),
        askedMode: "advisory",
        documents: { policy: digestOf("policy") },
        subjects: [{ image: IMAGE }],
        evidence: [{ image: IMAGE, ageMs: 0, wants: { predicateTexts: [], acceptsPartial: true } }],
      },
    });
    expect(facts.map(({ type }) => type)).toEqual(["trust", "evidence"]);
    for (const { digest, text } of facts) expect(digestOf(text())).toBe(digest);
    expect(readJson(facts[1]!.text())).toMatchObject({ subject: DIGEST, signatures: [{ form: "bundle" }] });
  });

  it("has what a tag represented", async () => {
    const { fields } = recordedBasis(await basis({}, "registry.example/app:1"), OPTIONS);
    expect(fields).toMatchObject({ basis: { tags: [{ tag: "registry.example/app:1", digest: DIGEST }] } });
  });

  it("has the fault where evidence could not be had", async () => {
    const registry = {
      resolve: () => Promise.resolve(DIGEST),
      contents: () => Promise.resolve(undefined),
      attachments: () => Promise.reject(new Fault("registry/unavailable", "it is down")),
    };
    const { fields } = recordedBasis(await basis({ registry }), OPTIONS);
    expect(fields).toMatchObject({
      replayable: true,
      basis: { evidence: [{ fault: { code: "registry/unavailable", message: "it is down" } }] },
    });
  });

  it("has the same fact for evidence that was collected again", async () => {
    const later = new Date(NOW.getTime() + 3_600_000);
    const again = { ...EVIDENCE, collectedAt: later, trustGeneration: "1" };
    const verify = () => Promise.resolve(again);
    const [first, second] = [await basis(), await basis({ now: () => later, verify })];
    const digests = [first, second].map((each) => recordedBasis(each, OPTIONS).facts.at(-1)?.digest);
    expect(new Set(digests).size).toBe(1);
  });
});

describe("a decision that cannot be judged again", () => {
  it("says that it is a fault which came first", () => {
    expect(recordedBasis(undefined, OPTIONS).fields).toEqual({
      replayable: false,
      notReplayableBecause: "it is a fault that came before any judging",
    });
  });

  it("says that facts are kept nowhere", async () => {
    const { fields } = recordedBasis(await basis(), { ...OPTIONS, unkept: "no files" });
    expect(fields).toMatchObject({ replayable: false, notReplayableBecause: "no files" });
  });

  it("says that a fact is too large", async () => {
    const attestation = { ...aSignature(), predicateType: "x", predicateText: "x".repeat(MAX_FACT) };
    const verify = () =>
      Promise.resolve({ ...EVIDENCE, attestations: [attestation], collectedAt: NOW, trustGeneration: "1" });
    const { fields, facts } = recordedBasis(await basis({ verify }), OPTIONS);
    expect(fields["notReplayableBecause"]).toContain("a fact of type evidence has");
    expect(facts.map(({ type }) => type)).toEqual(["trust"]);
  });

  it("says that it has more images than are kept", async () => {
    const known = await basis();
    const subjects = Array.from({ length: 65 }, (_, at) => ({ image: `${at}`, place: "p" }));
    const { fields } = recordedBasis({ ...known, subjects }, OPTIONS);
    expect(fields["notReplayableBecause"]).toBe("it has 65 images, and 64 are kept");
  });
});
