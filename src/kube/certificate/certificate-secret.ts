import { z } from "zod";

import { readAnswer } from "../client/read-answer.ts";
import { readSecret } from "../object-texts.ts";

/** A certificate and its private key, PEM. */
interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** All that replicas share to serve the webhook, as PEM. */
export interface CertificateSet {
  /** The authority in force. */
  readonly ca: Pair;
  /** The authority before it, as long as a replica may still serve one of its certificates. */
  readonly previousCa?: string;
  /** What the webhook serves with. */
  readonly leaf: Pair;
}

/** A Secret of certificates as it was read: the set is absent where keys are missing. */
export interface StoredCertificates {
  readonly version: string;
  readonly set?: CertificateSet;
}

const KEYS = {
  caCert: "ca.crt",
  caKey: "ca.key",
  previousCa: "previous-ca.crt",
  cert: "tls.crt",
  key: "tls.key",
} as const;
const Versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

/** The certificates in a Secret; undefined where there is none. Throws KubeError where the object is not a Secret. */
export function readCertificates(object: unknown): StoredCertificates | undefined {
  if (object === undefined) return undefined;
  const version = readAnswer(Versioned, "Secret", object).metadata.resourceVersion;
  const texts = readSecret(object);
  const ca = pairOf(texts.get(KEYS.caCert), texts.get(KEYS.caKey));
  const leaf = pairOf(texts.get(KEYS.cert), texts.get(KEYS.key));
  const previousCa = texts.get(KEYS.previousCa);
  if (ca === undefined || leaf === undefined) return { version };
  return { version, set: { ca, leaf, ...(previousCa !== undefined && { previousCa }) } };
}

function pairOf(cert: string | undefined, key: string | undefined): Pair | undefined {
  return cert && key ? { cert, key } : undefined;
}

/** The `data` of the Secret that holds a set; null takes a key out (RFC 7396). */
export function certificateData({ ca, leaf, previousCa }: CertificateSet): Record<string, string | null> {
  return {
    [KEYS.caCert]: base64(ca.cert),
    [KEYS.caKey]: base64(ca.key),
    [KEYS.previousCa]: previousCa === undefined ? null : base64(previousCa),
    [KEYS.cert]: base64(leaf.cert),
    [KEYS.key]: base64(leaf.key),
  };
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
