import type { Digest } from "../../src/core/index.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { publishLayer } from "../support/publish.ts";
import { cosignSign, provenance } from "../support/signed-layers.ts";
import { createSigstore, type Identity, keyPair, type Sigstore } from "../support/sigstore.ts";
import type { ImageName } from "./cases.ts";

const DAY = 86_400_000;
const SHARED_WORKFLOW = "https://github.com/acme/shared/.github/workflows/release.yml@refs/heads/main";

/** Everything that the demo deploys: a registry with really signed images, and the documents that judge them. */
export interface Fixtures {
  readonly registry: OciRegistry;
  readonly images: Readonly<Record<ImageName, string>>;
  readonly policy: string;
  readonly waivers: string;
}

/** Starts a registry and a throw-away Sigstore instance, and pushes the images of the ten cases. */
export async function prepareFixtures(now: Date): Promise<Fixtures> {
  const registry = await startOciRegistry();
  const sigstore = await createSigstore();
  const signers = await identities(sigstore);
  const push = async (who?: Identity, form: "bundle" | "legacy" = "bundle"): Promise<Digest> => {
    const digest = registry.pushImage("acme/app");
    if (who === undefined) return digest;
    publishLayer(registry, "acme/app", digest, await cosignSign[form](sigstore, who, digest));
    publishLayer(registry, "acme/app", digest, await provenance[form](sigstore, who, digest));
    return digest;
  };
  const [waived, waiverExpired] = [await push(), await push()];
  const named = (digest: Digest): string => `${registry.host}/acme/app@${digest}`;
  registry.pushImage("acme/app", { tag: "1.4.2" });
  return {
    registry,
    images: {
      signed: named(await push(signers.release)),
      unsigned: named(await push()),
      wrongIdentity: named(await push(signers.stranger)),
      tag: `${registry.host}/acme/app:1.4.2`,
      keySigned: named(await push(signers.key, "legacy")),
      fork: named(await push(signers.fork)),
      waived: named(waived),
      waiverExpired: named(waiverExpired),
      unreachable: named(await push(signers.release)),
    },
    policy: policyText(registry.host, sigstore, signers.key),
    waivers: waiversText({ waived, waiverExpired }, now),
  };
}

async function identities(sigstore: Sigstore) {
  return {
    release: await sigstore.identity({ san: SHARED_WORKFLOW, claims: { repository: "acme/app" } }),
    /** The same shared workflow, called by a fork: only the source repository tells them apart. */
    fork: await sigstore.identity({ san: SHARED_WORKFLOW, claims: { repository: "mallory/app" } }),
    stranger: await sigstore.identity({
      san: "https://github.com/mallory/app/.github/workflows/x.yml@refs/heads/main",
    }),
    key: keyPair(),
  };
}

function policyText(host: string, sigstore: Sigstore, { publicKey }: Identity): string {
  const pem = publicKey
    .export({ format: "pem", type: "spki" })
    .toString()
    .trimEnd()
    .replaceAll("\n", "\n        ");
  return `
trustRoots:
  demo:
    source: inline
    trustedRoot: '${JSON.stringify(sigstore.trustedRoot)}'
authorities:
  release:
    keyless:
      trustRoot: demo
      issuer: https://token.actions.githubusercontent.com
      identity: ${SHARED_WORKFLOW}
      claims: { sourceRepositoryURI: https://github.com/acme/app }
  operations:
    key:
      pem: |
        ${pem}
rules:
  - name: acme
    images: ["${host}/acme/*"]
    require:
      signature: { anyOf: [release, operations] }
      provenance:
        anyOf: [release, operations]
        sourceRepositories: [https://github.com/acme/app]
`;
}

function waiversText(digests: Readonly<Record<"waived" | "waiverExpired", Digest>>, now: Date): string {
  const at = (days: number): string =>
    new Date(now.getTime() + days * DAY).toISOString().replace(/\.\d+/, "");
  return `waivers:${[
    entry("WA-2026-7", "signature", digests.waived, at(-1)),
    entry("WA-2026-8", "provenance", digests.waived, at(-1)),
    entry("WA-2026-5", "signature", digests.waiverExpired, at(-4)),
    entry("WA-2026-6", "provenance", digests.waiverExpired, at(-4)),
  ].join("")}\n`;
}

function entry(id: string, kind: string, digest: Digest, created: string): string {
  return `
  - id: ${id}
    class: ${kind}
    digest: ${digest}
    reason: The vendor ships this image unsigned until its next release.
    owners: [team-shop]
    approvals:
      - { by: mia, seat: release-manager, at: "${created}" }
      - { by: sam, seat: devsecops, at: "${created}" }
    created: ${created}
    ttl: 72h`;
}
