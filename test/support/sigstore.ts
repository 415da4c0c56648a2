import { generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";

import { dsse } from "@sigstore/core";
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from "@sigstore/mock";

import type { Digest, TrustRoot } from "../../src/core/index.ts";
import { SIGNING_KEYS } from "./signing-keys.ts";
import { type Bodies, dsseBodies, messageBodies, messageDigestOf, sha256 } from "./sigstore-bodies.ts";
import { type Claims, extensionsOf, GITHUB_ISSUER, RELEASE_WORKFLOW } from "./sigstore-claims.ts";
import { type BundleOptions, logEntry, type SignerMaterial, materialWith } from "./sigstore-entries.ts";
import { trustedRootOf } from "./sigstore-root.ts";

type CA = Awaited<ReturnType<typeof initializeCA>>;
type TLog = Awaited<ReturnType<typeof initializeTLog>>;
type TSA = Awaited<ReturnType<typeof initializeTSA>>;

const SHA256_OID = "2.16.840.1.101.3.4.2.1";
const POLICY_OID = "1.3.6.1.4.1.57264.2";
const IN_TOTO = "application/vnd.in-toto+json";
const BUNDLE_V03 = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** One layer as a registry would hold it. */
export interface SignedLayer {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations: Record<string, string>;
}

/** Someone who signs: with a certificate of the instance's CA, or with a bare key. */
export interface Identity extends SignerMaterial {
  readonly sign: (bytes: Buffer) => Buffer;
}

/** What a certificate is asked for. */
export interface IdentityOptions {
  readonly san?: string;
  readonly issuer?: string;
  readonly claims?: Claims;
}

/** A throw-away Sigstore instance in this process: CA, CT log, transparency log and timestamp authority. */
export interface Sigstore {
  readonly trustRoot: (
    name: string,
    thresholds?: Partial<Pick<TrustRoot, "tlogThreshold" | "ctlogThreshold">>,
  ) => TrustRoot;
  /** JSON of its trusted_root.json. */
  readonly trustedRoot: Record<string, unknown>;
  readonly identity: (options?: IdentityOptions) => Promise<Identity>;
  /** A Sigstore bundle over an in-toto statement. */
  readonly bundle: (
    who: Identity,
    statement: unknown,
    options?: BundleOptions,
  ) => Promise<Record<string, unknown>>;
  /** A Sigstore bundle over plain bytes. */
  readonly messageBundle: (
    who: Identity,
    bytes: Buffer,
    options?: BundleOptions,
  ) => Promise<Record<string, unknown>>;
  /** A timestamp by its authority over a signature, base64. */
  readonly stamp: (signature: Buffer, secondsFromNow: number) => Promise<string>;
  readonly rootCertificate: Buffer;
}

/** A bare key pair to sign with; an owner's, where one is named, is kept if it is slow to make. */
export function keyPair(
  algorithm: keyof typeof SIGNING_KEYS = "ecdsa-sha2-256-nistp256",
  owner?: string,
): Identity {
  return { ...SIGNING_KEYS[algorithm](owner), certificate: undefined };
}

interface Parts {
  readonly tlog: TLog;
  readonly tsa: TSA;
  /** The timestamp authority's. In whole seconds, as @sigstore/core reads it: not every fraction can it read. */
  readonly clock: Date;
}

/** Starts an instance. Every part has its own key; nothing leaves the process. */
export async function createSigstore({
  logUrl = "https://rekor.mc.test",
  sct = true,
} = {}): Promise<Sigstore> {
  const ctlog = await initializeCTLog(ec("P-256"));
  const ca = await initializeCA(ec("P-384"), sct ? ctlog : undefined);
  const clock = new Date();
  const parts = {
    tlog: await initializeTLog(logUrl, ec("P-256")),
    tsa: await initializeTSA(ec("P-256"), clock),
    clock,
  };
  const rootCertificate = bytesOf(ca.rootCertificate);
  const trustedRoot = trustedRootOf({
    logUrl,
    logKey: parts.tlog.publicKey,
    logId: sha256(parts.tlog.publicKey),
    ctKey: ctlog.publicKey,
    ctId: bytesOf(ctlog.logID),
    caChain: [rootCertificate],
    tsaChain: [bytesOf(parts.tsa.intCertificate), bytesOf(parts.tsa.rootCertificate)],
  });
  return {
    trustedRoot,
    rootCertificate,
    trustRoot: (name, thresholds = {}) => {
      return {
        name,
        trustedRoot: JSON.stringify(trustedRoot),
        tlogThreshold: 1,
        ctlogThreshold: 1,
        ...thresholds,
      };
    },
    identity: (options = {}) => issue(ca, options),
    bundle: (who, statement, how = {}) => bundleOf(parts, who, statement, how),
    messageBundle: (who, bytes, how = {}) => messageBundleOf(parts, who, bytes, how),
    stamp: async (signature, seconds) => (await timestamp(parts, signature, seconds)).toString("base64"),
  };
}

async function issue(
  ca: CA,
  { san = RELEASE_WORKFLOW, issuer = GITHUB_ISSUER, claims = {} }: IdentityOptions,
): Promise<Identity> {
  const pair = keyPair();
  const spki = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
  const extensions = extensionsOf(issuer, san, claims);
  const certificate = await ca.issueCertificate({ publicKey: spki, subjectAltName: san, extensions });
  return { ...pair, certificate: bytesOf(certificate) };
}

async function bundleOf(parts: Parts, who: Identity, statement: unknown, how: BundleOptions) {
  const payload = Buffer.from(typeof statement === "string" ? statement : JSON.stringify(statement));
  const payloadType = how.payloadType ?? IN_TOTO;
  const pae = dsse.preAuthEncoding(payloadType, payload);
  const signature = who.sign(pae);
  const signatures = [{ sig: signature.toString("base64"), keyid: "" }];
  const dsseEnvelope = { payload: payload.toString("base64"), payloadType, signatures };
  const bodies = dsseBodies(dsseEnvelope, payload, pae, { ...who, ...how.entrySigner });
  const verificationMaterial = await materialOf(parts, who, signature, { ...how, bodies });
  return { mediaType: how.mediaType ?? BUNDLE_V03, verificationMaterial, dsseEnvelope };
}

async function messageBundleOf(parts: Parts, who: Identity, bytes: Buffer, how: BundleOptions) {
  const signature = who.sign(bytes);
  const messageDigest = messageDigestOf(bytes, who.hash);
  const messageSignature = { messageDigest, signature: signature.toString("base64") };
  const bodies = messageBodies(bytes, signature, { ...who, ...how.entrySigner });
  const verificationMaterial = await materialOf(parts, who, signature, { ...how, bodies });
  return { mediaType: how.mediaType ?? BUNDLE_V03, verificationMaterial, messageSignature };
}

async function materialOf(
  { tlog, ...authority }: Parts,
  who: Identity,
  signature: Buffer,
  { bodies, ...how }: BundleOptions & { readonly bodies: Bodies },
): Promise<Record<string, unknown>> {
  const kind = how.rekor ?? "v1";
  const body = kind === "none" ? undefined : (how.entryBody ?? bodies[kind]);
  const entries =
    body === undefined ? [] : [logEntry(await tlog.log(body), body, { ...how, promise: kind === "v1" })];
  const [stamps, from]: [string[], number] = [[], how.secondsFromNow ?? 0];
  for (let at = 0; at < (how.timestamps ?? (kind === "v1" ? 0 : 1)); at++)
    stamps.push((await timestamp(authority, signature, from + at)).toString("base64"));
  return materialWith(who, entries, stamps, how);
}

async function timestamp(
  { tsa, clock }: Omit<Parts, "tlog">,
  signature: Buffer,
  secondsFromNow: number,
): Promise<Buffer> {
  clock.setTime(1000 * (Math.floor(Date.now() / 1000) + secondsFromNow));
  const request = { artifactHash: sha256(signature), hashAlgorithmOID: SHA256_OID, policyOID: POLICY_OID };
  return bytesOf(await tsa.timestamp({ ...request, nonce: 1, certReq: true }));
}

function ec(namedCurve: string): KeyPairKeyObjectResult {
  return generateKeyPairSync("ec", { namedCurve });
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

/** The subject of a statement about a digest, as in-toto names it. */
export function statementSubject(digest: Digest, name = "ghcr.io/acme/app"): unknown {
  return [{ name, digest: { [digest.slice(0, 6)]: digest.slice(7) } }];
}
