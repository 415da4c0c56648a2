import { createHash, type KeyObject } from "node:crypto";

import type { HashName } from "./signing-keys.ts";

/** A transparency log entry's canonical body, as Rekor would store it. */
export interface EntryBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: unknown;
}

/** Whose public half stands in a bundle or a log entry. */
export interface SignerMaterial {
  readonly publicKey: KeyObject;
  /** By which the signer states digests of what is signed. */
  readonly hash: HashName;
  /** DER of the certificate; undefined for a bare key. */
  readonly certificate: Buffer | undefined;
}

/** How a bundle is made, and what is wrong with it. */
export interface BundleOptions {
  /** Which log it is in; `v1` where absent. */
  readonly rekor?: "v1" | "v2" | "none";
  /** How many timestamps, a second apart, an authority gives it; where absent, one unless Rekor v1 vouches for it. */
  readonly timestamps?: number;
  /** When the first of them says that it was made, seconds from now; now where absent. */
  readonly secondsFromNow?: number;
  readonly mediaType?: string;
  readonly payloadType?: string;
  /** A certificate chain instead of a certificate, as bundles before v0.3 had. */
  readonly chain?: boolean;
  /** Leaves the inclusion proof out (Rekor v1). */
  readonly noProof?: boolean;
  /** Whom the log entry names instead of the signer. */
  readonly entrySigner?: SignerMaterial;
  /** Another body altogether. */
  readonly entryBody?: EntryBody;
}

interface LogAnswer {
  readonly [uuid: string]: {
    readonly body: unknown;
    readonly integratedTime: number;
    readonly logID: string;
    readonly logIndex: number;
    readonly verification?: {
      readonly signedEntryTimestamp?: string;
      readonly inclusionProof?: {
        readonly logIndex: number;
        readonly rootHash: string;
        readonly treeSize: number;
        readonly hashes: readonly string[];
        readonly checkpoint: string;
      };
    };
  };
}

/** Rekor's answer as an entry of a bundle (protobuf-specs sigstore_rekor.proto, TransparencyLogEntry). */
export function logEntry(
  answer: LogAnswer,
  { kind, apiVersion: version }: EntryBody,
  { promise, noProof = false }: { readonly promise: boolean; readonly noProof?: boolean },
): Record<string, unknown> {
  const entry = Object.values(answer)[0]!;
  const proof = entry.verification!.inclusionProof!;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: hexToBase64(entry.logID) },
    kindVersion: { kind, version },
    canonicalizedBody: entry.body,
    ...(promise && {
      integratedTime: String(entry.integratedTime),
      inclusionPromise: { signedEntryTimestamp: entry.verification!.signedEntryTimestamp },
    }),
    ...(!noProof && {
      inclusionProof: {
        logIndex: String(proof.logIndex),
        rootHash: hexToBase64(proof.rootHash),
        treeSize: String(proof.treeSize),
        hashes: proof.hashes.map(hexToBase64),
        checkpoint: { envelope: proof.checkpoint },
      },
    }),
  };
}

/** The verification material of a bundle. */
export function materialWith(
  { publicKey, certificate }: SignerMaterial,
  tlogEntries: readonly unknown[],
  stamps: readonly string[],
  { chain = false }: BundleOptions,
): Record<string, unknown> {
  const hint = createHash("sha256")
    .update(publicKey.export({ format: "der", type: "spki" }))
    .digest("base64");
  const rawBytes = certificate?.toString("base64");
  const single = chain
    ? { x509CertificateChain: { certificates: [{ rawBytes }] } }
    : { certificate: { rawBytes } };
  return {
    ...(rawBytes === undefined ? { publicKey: { hint } } : single),
    tlogEntries,
    timestampVerificationData: { rfc3161Timestamps: stamps.map((signedTimestamp) => ({ signedTimestamp })) },
  };
}

function hexToBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
