import { generateKeyPairSync, sign } from "node:crypto";

import { afterEach, beforeEach } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { digestOf } from "../../src/core/index.ts";
import { type OciRegistry, startOciRegistry } from "./oci-registry.ts";
import { type McFolder, mcFolder, type Outcome } from "./run-mc.ts";
import { attestation, publicKeyOf, slsaPredicate } from "./signed-layers.ts";
import { createSigstore, type Identity, keyPair } from "./sigstore.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
export const VERIFIER = "https://acme.test/promoter";
export const POLICY_URI = "https://acme.test/policy.yaml";
const sigstore = await createSigstore();
const builder = keyPair();
export const promoter = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

/** The outcomes that are not 0. */
export function outcomesOf({ stdout }: Outcome): Record<string, number> {
  const { outcomes } = JSON.parse(stdout) as { outcomes: Record<string, number> };
  return Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0));
}

/** A bundle, as far as it is looked at. */
export interface Envelope {
  readonly dsseEnvelope: { readonly payload: string; readonly signatures: readonly { keyid?: string }[] };
  readonly verificationMaterial: { readonly publicKey: { readonly hint: string } };
}

/** The in-toto statement of a bundle. */
export function statementIn({ dsseEnvelope }: Envelope) {
  return JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString()) as Record<string, unknown>;
}

/** What signs as `mc promote --key promoter.pem` does. */
const asPromoter: Identity = {
  publicKey: promoter.publicKey,
  certificate: undefined,
  hash: "sha256",
  sign: (bytes) => sign("sha256", bytes, promoter.privateKey),
};

let server: OciRegistry;
let files: McFolder;

/** Gives each test of a file a registry, a policy and the promoter's key. */
export function promoting(): void {
  beforeEach(async () => {
    server = await startOciRegistry({ referrers: true });
    files = mcFolder(server);
    files.write("promoter.pem", promoter.privateKey.export({ format: "pem", type: "pkcs8" }).toString());
    writePolicy();
  });
  afterEach(async () => {
    files.remove();
    await server.close();
  });
}

/** The registry of this test. */
export const registry = (): OciRegistry => server;
/** The folder of this test. */
export const folder = (): McFolder => files;

/** One document: what builds is asked for provenance, and production for the summary that is made of it. */
export function writePolicy(promotable: object = {}): void {
  const pem = promoter.publicKey.export({ format: "pem", type: "spki" }).toString();
  const images = [`${server.host}/team/*`];
  const summary = {
    anyOf: ["promoter"],
    verifiers: [VERIFIER],
    policies: "inForce",
    judgedFor: ["default"],
    ...promotable,
  };
  const policy = {
    trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
    authorities: {
      builder: { key: { pem: publicKeyOf(builder).pem, transparencyLogNotRequiredUnsafe: true } },
      promoter: { key: { pem, transparencyLogNotRequiredUnsafe: true } },
    },
    rules: [
      { name: "built", images, namespaces: ["default"], require: { provenance: { anyOf: ["builder"] } } },
      { name: "promoted", images, namespaces: ["prod"], require: { promotable: summary } },
    ],
  };
  files.write("policy.yaml", JSON.stringify(policy));
}

/** Pushes an image with provenance. */
export async function built(tag: string, by = builder): Promise<Digest> {
  const digest = server.pushImage("team/app", { tag });
  const made = attestation("https://slsa.dev/provenance/v1", slsaPredicate());
  const { bytes } = await made.bundle(sigstore, by, digest, { rekor: "none" });
  server.attachReferrer("team/app", digest, { mediaType: BUNDLE, bytes });
  return digest;
}

/** By what is judged. */
export const BY = ["--policy", "policy.yaml", "--registries", "registries.yaml"];

/** Whose rules judge, and that none of the documents revokes anything unless `more` names one. */
export function judging(more: readonly string[]): string[] {
  const unchecked = more.includes("--revocations") ? [] : ["--revocations-not-checked-unsafe"];
  return ["--namespace", "default", ...unchecked];
}

/** Writes journal.jsonl. */
export function backfill(): Promise<Outcome> {
  return files.mc([
    "backfill",
    "run",
    ...BY,
    ...judging([]),
    "--catalog",
    server.host,
    "--journal",
    "journal.jsonl",
  ]);
}

/** `mc promote` of journal.jsonl by the promoter's key. */
export function promote(...more: readonly string[]): Promise<Outcome> {
  const journal = more.includes("--journal") ? [] : ["--journal", "journal.jsonl"];
  const said = ["--verifier", VERIFIER, "--policy-uri", POLICY_URI, "--key", "promoter.pem", "-o", "json"];
  return files.mc(["promote", ...BY, ...judging(more), ...said, ...journal, ...more]);
}

/** What the gate says where a summary is asked for. */
export function verify(digest: Digest): Promise<Outcome> {
  return files.mc(["verify", ...BY, "--namespace", "prod", `${server.host}/team/app@${digest}`]);
}

/** Requests that change the registry. */
export function writes(): number {
  return server.requests.filter(({ method }) => method !== "GET" && method !== "HEAD").length;
}

/** An image with provenance, which the journal calls promotable. */
export async function journaled(...tags: readonly string[]): Promise<Digest> {
  const digests = await Promise.all(tags.map((tag) => built(tag)));
  files.write("journal.jsonl", digests.map((each) => `${lineOf(each, "promotable")}\n`).join(""));
  return digests[0]!;
}

/** A line as a backfill would write it. */
export function lineOf(digest: Digest, state: string): string {
  const image = { repository: `${server.host}/team/app`, digest, tags: [], children: [] };
  const rest = { clock: "none", sources: ["images"], reasons: [], at: "2026-11-30T10:00:00Z" };
  return JSON.stringify({ kind: "judged", ...image, ...rest, state });
}

/** The bundles that were pushed for the image. */
export async function summariesOf(digest: Digest): Promise<Envelope[]> {
  const list = await (await fetch(`${server.url}/v2/team/app/referrers/${digest}`)).json();
  const found: Envelope[] = [];
  for (const { digest: manifest } of (list as { manifests: { digest: string }[] }).manifests) {
    const read = await (await fetch(`${server.url}/v2/team/app/manifests/${manifest}`)).json();
    const [layer] = (read as { layers: { digest: string }[] }).layers;
    const blob = await (await fetch(`${server.url}/v2/team/app/blobs/${layer!.digest}`)).json();
    const { predicateType } = statementIn(blob as Envelope);
    if (predicateType === "https://slsa.dev/verification_summary/v1") found.push(blob as Envelope);
  }
  return found;
}

/** The blobs that are attached to an image. */
export async function attachmentsOf(digest: Digest): Promise<string[]> {
  const list = await (await fetch(`${server.url}/v2/team/app/referrers/${digest}`)).json();
  return await Promise.all(
    (list as { manifests: { digest: string }[] }).manifests.map(async ({ digest: manifest }) => {
      const read = await (await fetch(`${server.url}/v2/team/app/manifests/${manifest}`)).json();
      return (read as { layers: { digest: string }[] }).layers[0]!.digest;
    }),
  );
}

/** Attaches what else the promoter says of an image, and when; with a trusted time where asked for. */
export async function attachSummary(digest: Digest, predicate: object, timestamps = 0): Promise<void> {
  const made = {
    verifier: { id: VERIFIER },
    timeVerified: new Date().toISOString(),
    resourceUri: `oci://${server.host}/team/app`,
    policy: {
      uri: `${POLICY_URI}#namespace=default`,
      digest: { sha256: digestOf(files.read("policy.yaml")).slice(7) },
    },
    verifiedLevels: [],
    ...predicate,
  };
  await attachByPromoter(digest, "https://slsa.dev/verification_summary/v1", { predicate: made, timestamps });
}

/** Attaches an attestation of the promoter, with as many trusted times as asked for. */
export async function attachByPromoter(
  digest: Digest,
  type: string,
  { predicate, timestamps }: { readonly predicate: object; readonly timestamps: number },
): Promise<void> {
  const made = attestation(type, predicate);
  const { bytes } = await made.bundle(sigstore, asPromoter, digest, { rekor: "none", timestamps });
  server.attachReferrer("team/app", digest, { mediaType: BUNDLE, bytes });
}

/** An entry that revokes the key that signs provenance. */
export function builderRevoked(): object {
  return revoked(publicKeyOf(builder).fingerprint);
}

/** An entry that revokes the key that promotes. */
export function promoterRevoked(): object {
  return revoked(digestOf(promoter.publicKey.export({ format: "der", type: "spki" })));
}

function revoked(key: string): object {
  return {
    id: "REV-2026-001",
    key,
    reason: "Its key was stolen from the build machine.",
    created: "2026-11-30T00:00:00Z",
  };
}
