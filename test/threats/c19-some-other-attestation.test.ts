import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { aPod, aReview } from "../support/review.ts";
import { attestation, world } from "../support/signed-layers.ts";
import { signedWorld } from "../support/signed-world.ts";

describe("C19: some valid attestation, but none of the wanted kind", () => {
  it("is no signature and no provenance", async () => {
    const { sigstore, subject, now, release, material, attachmentsOf } = await world();
    const custom = attestation("https://example.com/custom/v1", { builder: { id: "x" } });
    const layers = [
      await custom.bundle(sigstore, release, subject),
      await custom.legacy(sigstore, release, subject),
    ];
    const evidence = verifyAttachments(attachmentsOf(layers), material(), now);
    expect(evidence.signatures).toEqual([]);
    expect(evidence.attestations.map(({ provenance }) => provenance)).toEqual([undefined, undefined]);
  });

  it("refuses a signed image whose only attestation is not the wanted provenance", async () => {
    const { registry, sign, attest, publish, start } = await signedWorld({ provenance: true });
    const digest = registry.pushImage("acme/app");
    await sign(digest);
    await publish(digest, attestation("https://example.com/custom/v1", { builder: { id: "x" } }));
    const gate = await start();
    const image = (of: string) => aReview({ object: aPod(`${registry.host}/acme/app@${of}`) });
    const answer = await gate.post("/validate/enforce", image(digest));
    expect(answer.body.response).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining("provenance/missing") },
    });
    const whole = registry.pushImage("acme/app");
    await sign(whole);
    await attest(whole);
    expect((await gate.post("/validate/enforce", image(whole))).body.response!.allowed).toBe(true);
    await gate.stop();
    await registry.close();
  });

  it("leaves an image that has only attestations unsigned, which cosign itself calls verified", async () => {
    const { registry, attest, start } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await attest(digest);
    const gate = await start();
    const answer = await gate.post(
      "/validate/enforce",
      aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) }),
    );
    expect(answer.body.response).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining("signature/missing") },
    });
    await gate.stop();
    await registry.close();
  });
});
