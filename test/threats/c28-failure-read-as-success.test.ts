import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Evidence, TrustSnapshot } from "../../src/core/index.ts";
import { createGate, DEFAULT_LIMITS, type GateDeps } from "../../src/gate/index.ts";
import { parsePolicy } from "../../src/policy/index.ts";
import { NO_REVOCATIONS } from "../../src/revocations/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { NO_WAIVERS } from "../../src/waivers/index.ts";
import { publicKeyOf, world } from "../support/signed-layers.ts";

const { subject, now, key, material, attachmentsOf } = await world();
const TRUST: TrustSnapshot = { generation: "g", roots: [], keys: [] };

function gateWith(change: Partial<GateDeps>) {
  const policy = parsePolicy(
    JSON.stringify({
      authorities: { ops: { key: { pem: publicKeyOf(key).pem, transparencyLogNotRequiredUnsafe: true } } },
      rules: [{ name: "r", images: ["ghcr.io/**"], require: { signature: { anyOf: ["ops"] } } }],
    }),
  );
  if (!policy.ok) throw new Error(policy.problems[0]!.message);
  return createGate({
    registry: {
      resolve: () => Promise.resolve(undefined),
      contents: ({ digest }) =>
        Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: () => Promise.resolve(attachmentsOf([])),
    },
    verify: () => Promise.reject(new Error("unused")),
    trust: () => TRUST,
    policy: () => policy.value,
    waivers: () => NO_WAIVERS,
    revocations: () => NO_REVOCATIONS,
    now: () => now,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
    ...change,
  });
}

const boom = (): never => {
  throw new TypeError("boom");
};

describe("C28: a failure that reads as success", () => {
  it.each<[string, Partial<GateDeps>]>([
    ["the registry throws", { registry: { resolve: boom, attachments: boom, contents: boom } }],
    [
      "the registry rejects",
      { registry: { resolve: boom, attachments: () => Promise.reject(new Error("x")), contents: boom } },
    ],
    ["verification throws", { verify: boom }],
    ["verification rejects with no error at all", { verify: () => Promise.reject(undefined) }],
    ["verification answers nonsense", { verify: () => Promise.resolve({} as Evidence) }],
    ["trust throws", { trust: boom }],
    ["the policy throws", { policy: boom }],
    ["the revocations throw", { revocations: boom }],
    ["there are no revocations, not even an empty list", { revocations: () => undefined }],
    ["waivers throw", { waivers: boom }],
    ["the clock throws", { now: boom }],
    ["the observer throws", { observer: { phase: boom, cache: boom, waiting: boom } }],
  ])("denies where %s", async (_, change) => {
    const { signal } = new AbortController();
    const image = `ghcr.io/acme/app@${subject}`;
    const request = {
      namespace: "n",
      mode: () => "enforce" as const,
      subjects: [{ image, place: "x" }],
      access: {},
      signal,
    } as const;
    const verdict = await gateWith(change).admit(request);
    expect(verdict.decision).toBe("deny");
    expect(verdict.objections.length).toBeGreaterThan(0);
    expect(verdict.objections.every(({ kind }) => kind === "fault")).toBe(true);
  });

  it("takes no bytes for evidence, and never throws at them", () => {
    const forms = fc.constantFrom("bundle", "cosign-sig", "cosign-att");
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom("{}", '{"verificationMaterial":{}}', "null"),
    );
    const names = [
      "dev.cosignproject.cosign/signature",
      "dev.sigstore.cosign/bundle",
      "dev.sigstore.cosign/certificate",
    ];
    const annotations = fc.dictionary(fc.constantFrom(...names), text);
    fc.assert(
      fc.property(forms, text, annotations, (form, bytes, notes) => {
        const layer = { form, mediaType: "x", bytes: Buffer.from(bytes), annotations: notes } as const;
        const { signatures, attestations, rejections } = verifyAttachments(
          attachmentsOf([layer]),
          material(key),
          now,
        );
        expect([signatures.length, attestations.length, rejections.length]).toEqual([0, 0, 1]);
      }),
      { numRuns: 100 },
    );
  });
});
