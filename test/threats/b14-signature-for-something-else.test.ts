import { describe, expect, it } from "vitest";

import { parsePolicy, judge } from "../../src/policy/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { anImage } from "../support/policies.ts";
import { cosignSign, publicKeyOf, world } from "../support/signed-layers.ts";

const { sigstore, subject, other, now, key, material, attachmentsOf } = await world();

describe("B14: a signature for another digest or another repository", () => {
  it("does not count for this digest, in either form", async () => {
    const layers = [
      await cosignSign.bundle(sigstore, key, other),
      await cosignSign.legacy(sigstore, key, other),
    ];
    const evidence = verifyAttachments(attachmentsOf(layers), material(key), now);
    expect(evidence.signatures).toEqual([]);
    expect(evidence.rejections.map(({ reason }) => reason)).toEqual(["wrong-subject", "wrong-subject"]);
  });

  it.each([
    ["match", "ghcr.io/acme/app", []],
    ["match", "ghcr.io/mirror/app", ["signature/untrusted-identity"]],
    ["ignore", "ghcr.io/mirror/app", []],
  ])("with dockerReference: %s, deployed as %s, leads to %j", async (dockerReference, repository, codes) => {
    const policy = policyOf(dockerReference);
    const evidence = verifyAttachments(
      attachmentsOf([await cosignSign.legacy(sigstore, key, subject)]),
      material(key),
      now,
    );
    const image = anImage(`${repository}@${subject}`);
    const findings = judge({
      policy,
      copiesCount: false,
      rules: policy.rules,
      subject: { image: "x", place: "test" },
      image,
      namespace: "shop",
      evidence,
      keys: [publicKeyOf(key)],
      now,
    });
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });
});

function policyOf(dockerReference: string) {
  const parsed = parsePolicy(
    JSON.stringify({
      authorities: { ops: { key: { pem: publicKeyOf(key).pem, transparencyLogNotRequiredUnsafe: true } } },
      rules: [
        { name: "r", images: ["ghcr.io/**"], require: { signature: { anyOf: ["ops"], dockerReference } } },
      ],
    }),
  );
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return parsed.value;
}
