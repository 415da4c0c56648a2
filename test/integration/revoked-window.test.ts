import { afterEach, describe, expect, it } from "vitest";

import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { startGate } from "../support/running-gate.ts";
import { cosignSign, publicKeyOf } from "../support/signed-layers.ts";
import { createSigstore, keyPair } from "../support/sigstore.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIGN = "https://sigstore.dev/cosign/sign/v1";
const MINUTE = 60;

function inSeconds(seconds: number): string {
  return `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
}

describe("a statement signed while its key was stolen, and stamped again when the key was back", () => {
  let registry: OciRegistry | undefined;
  afterEach(async () => registry?.close());

  it.each<[string, number]>([
    ["is refused", 0],
    ["is refused with 70 attachments in between, which a part of the evidence leaves out", 70],
  ])("%s", async (_, between) => {
    const sigstore = await createSigstore();
    const ours = keyPair();
    const { pem, fingerprint } = publicKeyOf(ours);
    registry = await startOciRegistry();
    const images = [`${registry.host}/acme/app`];
    const gate = await startGate({
      registries: [registry],
      now: () => new Date(Date.now() + 60 * MINUTE * 1000),
      policy: JSON.stringify({
        trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
        authorities: { ours: { key: { pem, transparencyLogNotRequiredUnsafe: true } } },
        rules: [{ name: "signed", images, require: { signature: { anyOf: ["ours"] } } }],
      }),
      revocations: JSON.stringify({
        revocations: [
          {
            id: "stolen",
            key: fingerprint,
            until: inSeconds(30 * MINUTE),
            reason: "The key was stolen and is back since.",
            created: inSeconds(0),
          },
        ],
      }),
    });
    const digest = registry.pushImage("acme/app");
    const attach = (bytes: Uint8Array | string, seconds: number): void =>
      void registry!.attachReferrer("acme/app", digest, {
        mediaType: BUNDLE,
        bytes,
        manifestAnnotations: {
          "dev.sigstore.bundle.predicateType": SIGN,
          "org.opencontainers.image.created": inSeconds(seconds),
        },
      });
    const signed = async (secondsFromNow: number): Promise<void> =>
      attach(
        (await cosignSign.bundle(sigstore, ours, digest, { rekor: "none", secondsFromNow })).bytes,
        secondsFromNow,
      );
    await signed(0);
    for (let n = 0; n < between; n += 1) attach(`junk ${n}`.padEnd(32), MINUTE + n);
    await signed(40 * MINUTE);
    const said = await gate.gate.admit({
      namespace: "shop",
      mode: () => "enforce",
      access: {},
      signal: AbortSignal.timeout(60_000),
      subjects: [{ image: `${images[0]}@${digest}`, place: "c" }],
    });
    await gate.stop();
    expect(said.decision).toBe("deny");
    expect(said.objections.map(({ code }) => code)).toContain("revocation/signer");
  });
});
