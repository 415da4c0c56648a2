import type { Bundle, TransparencyLogEntry } from "@sigstore/bundle";
import { RFC3161Timestamp } from "@sigstore/core";
import {
  type SignedEntity,
  toSignedEntity,
  type TrustMaterial,
  Verifier,
  type VerifierOptions,
} from "@sigstore/verify";

import { type Proof, readPublicKey } from "../../core/index.ts";
import type { CachingCertificate } from "./caching-certificate.ts";
import { checkEntry, knownEntries } from "./log-entry.ts";
import type { SignedContent } from "./signed-content.ts";

/** What is verified: a bundle, what its signature is over, and the signer's key as DER. */
export interface Candidate {
  readonly bundle: Bundle;
  readonly content: SignedContent;
  readonly spki: Buffer;
  /** The signer's certificate, where it is one. */
  readonly leaf?: CachingCertificate | undefined;
}

/** What the library vouched for, and the checks that it leaves out. */
export interface Proven extends Pick<Proof, "logged"> {
  readonly signer: ReturnType<Verifier["verify"]>;
  readonly trustedTime?: Date;
  readonly timeSource?: "timestamp" | "log";
}

/**
 * Verifies a candidate against one instance. The library wants every entry and every stamp to verify, so entries and
 * certificate timestamps of foreign logs and stamps of foreign authorities are left out: they cannot count, and must not spoil what counts. A stamp
 * that an authority of the instance vouches for always counts: the certificate must have been valid at its time. Throws
 * Rejected.
 */
export function verifyAgainst(
  candidate: Candidate,
  material: TrustMaterial,
  options: VerifierOptions,
): Proven {
  const entries = knownEntries(candidate.bundle.verificationMaterial.tlogEntries, material.tlogs).map(
    withoutBareProof,
  );
  const verifier = new Verifier(material, options);
  const stamps = stampsOf(candidate.bundle);
  const known = { ...candidate, leaf: candidate.leaf?.withTimestampsOf(material.ctlogs) };
  try {
    return verifyOnce(known, { verifier, material, entries, stamps });
  } catch (error) {
    const vouched = distinct(stamps.filter((stamp) => isVouchedFor(stamp, candidate, material)));
    if (vouched.length === stamps.length) throw error;
    return verifyOnce(known, { verifier, material, entries, stamps: vouched });
  }
}

interface Attempt {
  readonly verifier: Verifier;
  readonly material: TrustMaterial;
  readonly entries: TransparencyLogEntry[];
  readonly stamps: readonly RFC3161Timestamp[];
}

function verifyOnce(candidate: Candidate, { verifier, material, entries, stamps }: Attempt): Proven {
  const signer = verifier.verify(entityOf(candidate, entries, stamps));
  const [stamped, promised] = [stampedTime(stamps), promisedTime(entries)];
  for (const entry of entries) {
    checkEntry(entry, { signer: candidate, time: stamped ?? promised, tlogs: material.tlogs });
  }
  return { signer, logged: entries.length > 0, ...trustedTime(stamped, promised) };
}

function entityOf(
  { bundle, leaf, content }: Candidate,
  entries: TransparencyLogEntry[],
  stamps: readonly RFC3161Timestamp[],
): SignedEntity {
  const entity = toSignedEntity(withMaterial(bundle, entries));
  const timestamps = stamps.map((timestamp) => ({ $case: "timestamp-authority" as const, timestamp }));
  const key = leaf === undefined ? entity.key : { $case: "certificate" as const, certificate: leaf };
  return { ...entity, signature: content, key, timestamps: [...entity.timestamps, ...timestamps] };
}

const SOMEBODY: Bundle["verificationMaterial"]["content"] = { $case: "publicKey", publicKey: { hint: "" } };

/** The signer is left out, since it is known by now: the library would read the certificate each time again. */
function withMaterial(bundle: Bundle, tlogEntries: TransparencyLogEntry[]): Bundle {
  const verificationMaterial = {
    ...bundle.verificationMaterial,
    content: SOMEBODY,
    tlogEntries,
    timestampVerificationData: undefined,
  };
  return { ...bundle, verificationMaterial };
}

/** Bundles v0.1 may carry a proof without a checkpoint, which proves nothing: their promise is what counts. */
function withoutBareProof(entry: TransparencyLogEntry): TransparencyLogEntry {
  const bare = entry.inclusionPromise !== undefined && !entry.inclusionProof?.checkpoint?.envelope;
  return bare ? { ...entry, inclusionProof: undefined } : entry;
}

/** Stamps that can be read; the others cannot count. */
function stampsOf({ verificationMaterial }: Bundle): RFC3161Timestamp[] {
  return (verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? []).flatMap(
    ({ signedTimestamp }) => {
      try {
        const stamp = RFC3161Timestamp.parse(Buffer.from(signedTimestamp));
        return Number.isNaN(stamp.signingTime.getTime()) ? [] : [stamp];
      } catch {
        return [];
      }
    },
  );
}

/**
 * Whether an authority of the instance made a stamp over this very signature. The library asks that only within a whole
 * verification; everything else is checked here.
 */
function isVouchedFor(stamp: RFC3161Timestamp, candidate: Candidate, material: TrustMaterial): boolean {
  const publicKey = readPublicKey(candidate.spki);
  const anyKey = { ...material, publicKey: () => ({ publicKey, validFor: () => true }) };
  const verifier = new Verifier(anyKey, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1 });
  const entity = entityOf({ ...candidate, leaf: undefined }, [], [stamp]);
  try {
    verifier.verify({ ...entity, signature: { ...OF_ANYTHING, signature: candidate.content.signature } });
    return true;
  } catch {
    return false;
  }
}

const OF_ANYTHING: Omit<SignedContent, "signature" | "digest"> = {
  compareDigest: () => true,
  compareSignedDigest: () => true,
  compareSignature: () => true,
  verifySignature: () => true,
};

/** Without repetitions: for the library, two stamps by one authority of one instant are the same one. */
function distinct(stamps: readonly RFC3161Timestamp[]): RFC3161Timestamp[] {
  const byOrigin = stamps.map(
    (stamp) => [`${stamp.signerSerialNumber.toString("hex")} ${stamp.signingTime.getTime()}`, stamp] as const,
  );
  return [...new Map(byOrigin).values()];
}

/**
 * The earliest time that anything vouches for: anyone may have an old signature stamped today, whether or not a log
 * vouches for it since long.
 */
function trustedTime(
  stamped: Date | undefined,
  promised: Date | undefined,
): Pick<Proven, "trustedTime" | "timeSource"> {
  if (stamped !== undefined && (promised === undefined || stamped <= promised))
    return { trustedTime: stamped, timeSource: "timestamp" };
  return promised === undefined ? {} : { trustedTime: promised, timeSource: "log" };
}

function stampedTime(stamps: readonly RFC3161Timestamp[]): Date | undefined {
  return earliest(stamps.map(({ signingTime }) => signingTime.getTime()));
}

/** Only a log's promise covers its time. */
function promisedTime(entries: readonly TransparencyLogEntry[]): Date | undefined {
  const promised = entries.filter(({ inclusionPromise }) => inclusionPromise !== undefined);
  return earliest(promised.map(({ integratedTime }) => Number(integratedTime) * 1000).filter((ms) => ms > 0));
}

function earliest(times: readonly number[]): Date | undefined {
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
