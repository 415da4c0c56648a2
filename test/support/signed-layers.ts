import {
  type Attachment,
  type Attachments,
  type Digest,
  digestOf,
  parsePublicKey,
  type TrustSnapshot,
} from "../../src/core/index.ts";
import { pem } from "./sigstore-bodies.ts";
import type { BundleOptions } from "./sigstore-entries.ts";
import {
  createSigstore,
  type Identity,
  keyPair,
  type SignedLayer,
  type Sigstore,
  statementSubject,
} from "./sigstore.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
const ENVELOPE = "application/vnd.dsse.envelope.v1+json";
const COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1";
const SLSA_V1 = "https://slsa.dev/provenance/v1";

/** A layer and the form that a registry client finds it in. */
export interface FormedLayer extends SignedLayer {
  readonly form: Attachment["form"];
}

/** Makes one layer about an image. */
export type Sign = (
  sigstore: Sigstore,
  who: Identity,
  subject: Digest,
  how?: BundleOptions,
) => Promise<FormedLayer>;

/** Signatures of an image, as cosign 3 (bundle) and cosign 2 (legacy) make them. */
export const cosignSign: { readonly bundle: Sign; readonly legacy: Sign } = {
  bundle: (sigstore, who, subject, how) =>
    bundled(sigstore, who, statement({ subject }, COSIGN_SIGN, {}), how),
  legacy: async (sigstore, who, subject, how = {}) => {
    const payload = Buffer.from(JSON.stringify(simpleSigning(subject)));
    const bundle = await sigstore.messageBundle(who, payload, { ...how, noProof: true });
    const { signature } = bundle["messageSignature"] as { signature: string };
    return {
      form: "cosign-sig",
      mediaType: SIMPLE_SIGNING,
      bytes: payload,
      annotations: legacyAnnotations(who, bundle, signature),
    };
  },
};

/** An attestation with any predicate, which calls the image by a name; by that of the tests' image where absent. */
export function attestation(
  predicateType: string,
  predicate: unknown,
  name?: string,
): { readonly bundle: Sign; readonly legacy: Sign } {
  return {
    bundle: (sigstore, who, subject, how) =>
      bundled(sigstore, who, statement({ subject, name }, predicateType, predicate), how),
    legacy: async (sigstore, who, subject, how = {}) => {
      const bundle = await sigstore.bundle(who, statement({ subject, name }, predicateType, predicate), {
        ...how,
        noProof: true,
      });
      const bytes = Buffer.from(JSON.stringify(bundle["dsseEnvelope"]));
      const annotations = { ...legacyAnnotations(who, bundle, ""), predicateType };
      return { form: "cosign-att", mediaType: ENVELOPE, bytes, annotations };
    },
  };
}

/** What a test wants to differ from a release build of acme/app on main. */
export interface BuildFacts {
  readonly builder?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly workflow?: string;
  readonly buildType?: string;
}

/** An SLSA v1 predicate as GitHub's builders write it. */
export function slsaPredicate(facts: BuildFacts = {}): unknown {
  const { builder = "https://github.com/actions/runner/github-hosted", ref = "refs/heads/main" } = facts;
  const { repository = "https://github.com/acme/app", workflow = ".github/workflows/release.yml" } = facts;
  return {
    buildDefinition: {
      buildType: facts.buildType ?? "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: { workflow: { ref, repository, path: workflow } },
      resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: "a".repeat(40) } }],
    },
    runDetails: {
      builder: { id: builder },
      metadata: { invocationId: `${repository}/actions/runs/1/attempts/1` },
    },
  };
}

/** SLSA provenance of acme/app on main. */
export const provenance = attestation(SLSA_V1, slsaPredicate());

/** A signature by an instance that nobody trusts. */
export async function foreignStatement(subject: Digest): Promise<FormedLayer> {
  const foreign = await createSigstore({ logUrl: "https://rekor.foreign.test" });
  return cosignSign.bundle(foreign, await foreign.identity(), subject);
}

/** Trust in an instance, and in a key where the signer has no certificate. */
function snapshotOf(sigstore: Sigstore, ...keys: readonly Identity[]): TrustSnapshot {
  const bare = keys.filter(({ certificate }) => certificate === undefined);
  return { generation: "test", roots: [sigstore.trustRoot("test")], keys: bare.map(publicKeyOf) };
}

/** A signer's public half as the policy knows it. */
export function publicKeyOf({ publicKey }: Identity): TrustSnapshot["keys"][number] {
  const parsed = parsePublicKey(publicKey.export({ format: "pem", type: "spki" }).toString());
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.key;
}

/** Everything that verification tests share. */
export async function world() {
  const sigstore = await createSigstore();
  const subject = digestOf("an image");
  return {
    sigstore,
    subject,
    other: digestOf("another image"),
    now: new Date(),
    release: await sigstore.identity(),
    key: keyPair(),
    material: (...keys: readonly Identity[]) => snapshotOf(sigstore, ...keys),
    attachmentsOf: (layers: readonly FormedLayer[]) => attachmentsOf(subject, layers),
  };
}

/** Layers as the registry client hands them over. */
export function attachmentsOf(subject: Digest, layers: readonly FormedLayer[]): Attachments {
  const found = layers.map((layer) => ({ ...layer, digest: digestOf(layer.bytes) }));
  return { subject, found, skipped: [], gaps: [], searched: ["referrers API"] };
}

/** An in-toto statement about a digest. */
function statement(
  { subject, name }: { readonly subject: Digest; readonly name?: string | undefined },
  predicateType: string,
  predicate: unknown,
): unknown {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: statementSubject(subject, name),
    predicateType,
    predicate,
  };
}

/** Cosign's simple-signing payload. */
function simpleSigning(subject: Digest, reference = "ghcr.io/acme/app"): unknown {
  const identity = { "docker-reference": reference };
  const image = { "docker-manifest-digest": subject };
  return { critical: { identity, image, type: "cosign container image signature" }, optional: null };
}

async function bundled(
  sigstore: Sigstore,
  who: Identity,
  what: unknown,
  how: BundleOptions = {},
): Promise<FormedLayer> {
  const bytes = Buffer.from(JSON.stringify(await sigstore.bundle(who, what, how)));
  return { form: "bundle", mediaType: BUNDLE, bytes, annotations: {} };
}

function legacyAnnotations(
  who: Identity,
  bundle: Record<string, unknown>,
  signature: string,
): Record<string, string> {
  const entry = (bundle["verificationMaterial"] as { tlogEntries: LegacyEntry[] }).tlogEntries[0];
  return {
    "dev.cosignproject.cosign/signature": signature,
    ...(who.certificate && { "dev.sigstore.cosign/certificate": pem(who.certificate) }),
    ...(entry && { "dev.sigstore.cosign/bundle": JSON.stringify(rekorAnnotation(entry)) }),
  };
}

interface LegacyEntry {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly integratedTime: string;
  readonly canonicalizedBody: string;
  readonly inclusionPromise: { readonly signedEntryTimestamp: string };
}

function rekorAnnotation(entry: LegacyEntry): unknown {
  return {
    SignedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
    Payload: {
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logIndex: Number(entry.logIndex),
      logID: Buffer.from(entry.logId.keyId, "base64").toString("hex"),
    },
  };
}
