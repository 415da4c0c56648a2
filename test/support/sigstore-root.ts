const EPOCH = "2020-01-01T00:00:00Z";

/** The public halves of an instance. */
export interface InstanceParts {
  readonly logUrl: string;
  readonly logKey: Buffer;
  readonly logId: Buffer;
  readonly ctKey: Buffer;
  readonly ctId: Buffer;
  readonly caChain: readonly Buffer[];
  readonly tsaChain: readonly Buffer[];
}

/** A trusted_root.json for an instance (protobuf-specs sigstore_trustroot.proto). */
export function trustedRootOf(parts: InstanceParts): Record<string, unknown> {
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logOf(parts.logUrl, parts.logKey, parts.logId)],
    ctlogs: [logOf("https://ct.mc.test", parts.ctKey, parts.ctId)],
    certificateAuthorities: [authorityOf("https://fulcio.mc.test", parts.caChain)],
    timestampAuthorities: [authorityOf("https://tsa.mc.test", parts.tsaChain)],
  };
}

function logOf(baseUrl: string, spki: Buffer, id: Buffer): Record<string, unknown> {
  return {
    baseUrl,
    hashAlgorithm: "SHA2_256",
    logId: { keyId: id.toString("base64") },
    publicKey: {
      rawBytes: spki.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start: EPOCH },
    },
  };
}

function authorityOf(uri: string, chain: readonly Buffer[]): Record<string, unknown> {
  return {
    uri,
    subject: { organization: "mc.test", commonName: "mc" },
    certChain: {
      certificates: chain.map((certificate) => ({ rawBytes: certificate.toString("base64") })),
    },
    validFor: { start: EPOCH },
  };
}
