import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from "@sigstore/mock";

/** The services of one Sigstore, with fresh keys, as functions; see `createInstance`. */
export type Instance = Awaited<ReturnType<typeof createInstance>>;

/** Paths of what a signer and a verifier must be told about an instance. */
export interface InstanceFiles {
  /** The `trusted_root.json` that verifies what was signed here. */
  readonly trustedRoot: string;
  /** The signing configuration for cosign's bundles. */
  readonly signingConfig: string;
  /** Environment for cosign's legacy forms, which know no trusted root: paths of PEM files. */
  readonly legacyEnvironment: Readonly<Record<string, string>>;
}

const EPOCH = "2020-01-01T00:00:00Z";

function keyPair(namedCurve: string): KeyPairKeyObjectResult {
  return generateKeyPairSync("ec", { namedCurve });
}

/** The bytes of a view in base64. */
export function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
}

function pem(label: string, view: ArrayBufferView): string {
  const lines = base64(view).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Certificate authority, certificate log and transparency log (Rekor v1) of a Sigstore that will be reached at `url`. */
export async function createInstance(url: string) {
  const ctlog = await initializeCTLog(keyPair("P-256"));
  const ca = await initializeCA(keyPair("P-384"), ctlog);
  const tlog = await initializeTLog(url, keyPair("P-256"));
  return { ctlog, ca, tlog, fulcio: fulcioHandler(ca, { subjectClaim: "san" }), rekor: rekorHandler(tlog) };
}

function logOf(baseUrl: string, publicKey: Buffer, keyId: string): unknown {
  const key = {
    rawBytes: base64(publicKey),
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
    validFor: { start: EPOCH },
  };
  return { baseUrl, hashAlgorithm: "SHA2_256", publicKey: key, logId: { keyId } };
}

function trustedRootOf({ ca, ctlog, tlog }: Instance, url: string): unknown {
  const tlogId = createHash("sha256").update(tlog.publicKey).digest("base64");
  const authority = {
    uri: url,
    subject: { organization: "sigstore.mock", commonName: "sigstore" },
    certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] },
    validFor: { start: EPOCH },
  };
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logOf(url, tlog.publicKey, tlogId)],
    ctlogs: [logOf(`${url}/ct`, ctlog.publicKey, base64(ctlog.logID))],
    certificateAuthorities: [authority],
    timestampAuthorities: [],
  };
}

function signingConfigOf(url: string): unknown {
  const service = [{ url, majorApiVersion: 1, validFor: { start: EPOCH }, operator: "e2e" }];
  return {
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    caUrls: service,
    oidcUrls: [],
    rekorTlogUrls: service,
    tsaUrls: [],
    rekorTlogConfig: { selector: "ANY" },
    tsaConfig: { selector: "ANY" },
  };
}

/** Writes everything that signers and verifiers need into a folder. */
export async function writeFiles(instance: Instance, url: string, folder: string): Promise<InstanceFiles> {
  const at = (name: string) => join(folder, name);
  await writeFile(at("trusted_root.json"), JSON.stringify(trustedRootOf(instance, url), null, 1));
  await writeFile(at("signing_config.json"), JSON.stringify(signingConfigOf(url)));
  await writeFile(at("fulcio.pem"), pem("CERTIFICATE", instance.ca.rootCertificate));
  await writeFile(at("ctlog.pem"), pem("PUBLIC KEY", instance.ctlog.publicKey));
  await writeFile(at("rekor.pem"), pem("PUBLIC KEY", instance.tlog.publicKey));
  return {
    trustedRoot: at("trusted_root.json"),
    signingConfig: at("signing_config.json"),
    legacyEnvironment: {
      SIGSTORE_ROOT_FILE: at("fulcio.pem"),
      SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: at("ctlog.pem"),
      SIGSTORE_REKOR_PUBLIC_KEY: at("rekor.pem"),
    },
  };
}
