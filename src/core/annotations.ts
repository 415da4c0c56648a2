/** Names of the annotations that the gate reads. */
export const ANNOTATIONS = {
  /** When something was made. Source: OCI image-spec v1.1, annotations.md. */
  created: "org.opencontainers.image.created",
  /** The commit that something was made from. Source: as above. */
  revision: "org.opencontainers.image.revision",
  /** `message-signature` or `dsse-envelope`, as cosign 3 and actions/attest write it. */
  bundleContent: "dev.sigstore.bundle.content",
  bundlePredicateType: "dev.sigstore.bundle.predicateType",
  /** Of cosign's legacy layers. Source of these: cosign pkg/oci/static and specs/SIGNATURE_SPEC.md. */
  predicateType: "predicateType",
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  logEntry: "dev.sigstore.cosign/bundle",
  timestamp: "dev.sigstore.cosign/rfc3161timestamp",
  /** Source: Docker BuildKit, docs/attestations/attestation-storage.md. */
  referenceType: "vnd.docker.reference.type",
} as const;

const NAMES: readonly string[] = Object.values(ANNOTATIONS);

/**
 * The texts of an object that the gate reads, and none of the others: a descriptor may have a hundred thousand. What is not
 * text is left out, since a bad annotation must not hide the rest.
 */
export function readAnnotations(all: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of NAMES) {
    const value = Object.hasOwn(all, name) ? all[name] : undefined;
    if (typeof value === "string") texts[name] = value;
  }
  return texts;
}
