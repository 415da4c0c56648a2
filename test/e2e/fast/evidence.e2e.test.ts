import { appendFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createKeylessSigner } from "../../../src/signing/index.ts";
import { decisionEntry, PacketWorld } from "../../support/evidence-packets.ts";
import { cosign } from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf, workflowToken } from "../support/identities.ts";
import { PROMOTION } from "../support/promotions.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const TYPE = ["--type", "https://mc-gate.dev/evidence-packet/v1"];

function packetVerified(folder: string, who: readonly string[]): Promise<number> {
  const bundle = ["--bundle", `${folder}/manifest.json.sigstore.json`];
  return cosign(["verify-blob-attestation", ...TYPE, ...who, ...bundle, `${folder}/manifest.json`]).then(
    ({ code }) => code,
  );
}

describe("the signature of an evidence packet, by cosign", () => {
  const world = new PacketWorld();
  let sigstore: SigstoreServer;

  beforeAll(async () => {
    sigstore = await startSigstore();
    await world.write([decisionEntry({ uid: "1" })]);
  });
  afterAll(async () => {
    world.remove();
    await sigstore.stop();
  });

  it("verifies with the key that made it, and not once the manifest differs", async () => {
    const { publicFile, options: signer } = world.signer();
    await world.export("by-key", { signer });
    const who = ["--key", publicFile, "--insecure-ignore-tlog"];
    expect(await packetVerified(world.path("by-key"), who)).toBe(0);
    appendFileSync(world.path("by-key", "manifest.json"), "\n");
    expect(await packetVerified(world.path("by-key"), who)).not.toBe(0);
  });

  it("verifies keyless with the identity that made it, and with no other", async () => {
    const token = workflowToken(PROMOTION);
    const { sign } = createKeylessSigner({ token, fulcioUrl: sigstore.url, rekorUrl: sigstore.url });
    await world.export("keyless", { signer: { name: subjectOf(PROMOTION), sign } });
    const who = (identity: string) => [
      "--certificate-identity",
      identity,
      "--certificate-oidc-issuer",
      GITHUB_ISSUER,
      "--trusted-root",
      sigstore.trustedRoot,
    ];
    expect(await packetVerified(world.path("keyless"), who(subjectOf(PROMOTION)))).toBe(0);
    expect(await packetVerified(world.path("keyless"), who("https://github.com/evil"))).not.toBe(0);
  });
});
