import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { aPod, aReview } from "../support/review.ts";
import { cosignSign, world } from "../support/signed-layers.ts";
import { signedWorld } from "../support/signed-world.ts";
import { keyPair } from "../support/sigstore.ts";

describe("C22: a bare public key where an identity is wanted", () => {
  it("proves nothing where the policy names no key, legacy or bundle", async () => {
    const { sigstore, subject, now, key, material, attachmentsOf } = await world();
    const layers = [
      await cosignSign.bundle(sigstore, key, subject),
      await cosignSign.legacy(sigstore, key, subject),
    ];
    const evidence = verifyAttachments(attachmentsOf(layers), material(), now);
    expect(evidence.signatures).toEqual([]);
    expect(evidence.rejections.map(({ reason }) => reason)).toEqual(["untrusted", "untrusted"]);
  });

  it("never becomes an identity: a signature by a trusted key is a key's", async () => {
    const { sigstore, subject, now, key, material, attachmentsOf } = await world();
    const { signatures } = verifyAttachments(
      attachmentsOf([await cosignSign.bundle(sigstore, key, subject)]),
      material(key),
      now,
    );
    expect(signatures.map(({ signer }) => signer.kind)).toEqual(["key"]);
  });

  it("does not stand for an identity, where a rule beside it trusts the key", async () => {
    const { registry, sign, key, policy, start } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await sign(digest, key);
    const gate = await start();
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) });
    const allowed = async () => (await gate.post("/validate/enforce", review)).body.response!.allowed;
    expect(await allowed()).toBe(true);
    const keyless = JSON.parse(policy) as { rules: { require: { signature: { anyOf: string[] } } }[] };
    keyless.rules[0]!.require.signature.anyOf = ["release"];
    expect(gate.policy.offer(JSON.stringify(keyless))).toEqual([]);
    expect(await allowed()).toBe(false);
    await gate.stop();
    await registry.close();
  });

  it("is refused by the gate when the key is nobody's", async () => {
    const { registry, sign, start } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await sign(digest, keyPair());
    const gate = await start();
    const answer = await gate.post(
      "/validate/enforce",
      aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) }),
    );
    expect(answer.body.response!.allowed).toBe(false);
    await gate.stop();
    await registry.close();
  });
});
