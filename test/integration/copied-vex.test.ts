import { afterAll, describe, expect, it } from "vitest";

import { startOciRegistry } from "../support/oci-registry.ts";
import { cosignVuln, openVex, trivyReport } from "../support/predicates.ts";
import { startGate } from "../support/running-gate.ts";
import { attestation, publicKeyOf } from "../support/signed-layers.ts";
import { createSigstore, keyPair } from "../support/sigstore.ts";

const SCAN = "https://cosign.sigstore.dev/attestation/vuln/v1";
const VEX = "https://openvex.dev/ns/v0.2.0";
const CVE = "CVE-2026-1111";
const [APP, TOOLS] = ["acme/app", "acme/tools"];

const registry = await startOciRegistry();
const sigstore = await createSigstore();
const security = keyPair();
const vulnerability = { anyOf: ["security"], vex: { anyOf: ["security"] } };
const gate = await startGate({
  registries: [registry],
  policy: JSON.stringify({
    trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
    authorities: {
      security: { key: { pem: publicKeyOf(security).pem, transparencyLogNotRequiredUnsafe: true } },
    },
    rules: [{ name: "scanned", images: [`${registry.host}/acme/*`], require: { vulnerability } }],
  }),
});

afterAll(async () => {
  await gate.stop();
  await registry.close();
});

/** An image in both repositories, with a scan and a VEX document that security attested to it under a name. */
async function copied(content: string, { product, name }: { product: string; name: string }) {
  const digest = registry.pushImage(APP, { content });
  registry.pushImage(TOOLS, { content });
  const scan = cosignVuln(trivyReport([{ id: CVE }]), { finished: new Date().toISOString() });
  const vex = openVex(digest, [{ name: CVE, products: [product] }], new Date().toISOString());
  const made = [attestation(SCAN, scan, name), attestation(VEX, vex, name)];
  for (const { bundle } of made) {
    const { bytes, mediaType } = await bundle(sigstore, security, digest, { rekor: "none" });
    for (const repository of [APP, TOOLS]) registry.attachReferrer(repository, digest, { bytes, mediaType });
  }
  return digest;
}

async function decided(repository: string, digest: string) {
  const image = `${registry.host}/${repository}@${digest}`;
  const { decision, objections } = await gate.gate.admit({
    namespace: "shop",
    mode: () => "enforce",
    subjects: [{ image, place: "c" }],
    access: {},
    signal: AbortSignal.timeout(60_000),
  });
  return { decision, message: objections.map(({ message }) => message).join() };
}

describe("an image that is copied to another repository, with all that is attached to it", () => {
  it("is not cleared by a VEX statement about that repository, since it was not signed there", async () => {
    const product = `pkg:oci/tools?repository_url=${registry.host}/${TOOLS}`;
    const digest = await copied("for tools", { product, name: `${registry.host}/${APP}` });
    for (const repository of [APP, TOOLS]) {
      const { decision, message } = await decided(repository, digest);
      expect(decision).toBe("deny");
      expect(message).toContain(
        `is about ${product}, a repository that the attestation's subject does not name`,
      );
    }
  });

  it("is cleared by one about its own repository there alone", async () => {
    const product = `${registry.host}/${APP}:v1`;
    const digest = await copied("for app", { product, name: `${registry.host}/${APP}` });
    expect(await decided(APP, digest)).toEqual({ decision: "allow", message: "" });
    const elsewhere = await decided(TOOLS, digest);
    expect(elsewhere.decision).toBe("deny");
    expect(elsewhere.message).toContain("which is another repository");
  });
});
