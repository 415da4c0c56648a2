import { ANNOTATIONS } from "./annotations.ts";

/** Predicate types whose predicates the gate understands. A family also represents its versions: `<family>/v2.3`. */
export const PREDICATE_TYPES = {
  provenanceV1: "https://slsa.dev/provenance/v1",
  provenanceV02: "https://slsa.dev/provenance/v0.2",
  /** A family. Source: in-toto attestation, spec/predicates/spdx2.md and spdx3.md. */
  spdx: "https://spdx.dev/Document",
  /** A family. Source: in-toto attestation, spec/predicates/cyclonedx.md. */
  cyclonedx: "https://cyclonedx.org/bom",
  /** Source: cosign specs/COSIGN_VULN_ATTESTATION_SPEC.md. */
  cosignVuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
  /** Source: in-toto attestation, spec/predicates/vulns.md. */
  vulnsV01: "https://in-toto.io/attestation/vulns/v0.1",
  /** Source: in-toto attestation, spec/predicates/vulns_02.md. */
  vulnsV02: "https://in-toto.io/attestation/vulns/v0.2",
  /** A family. Source: openvex/spec, OPENVEX-SPEC.md, and vexctl. */
  openVex: "https://openvex.dev/ns",
  /** Source: slsa.dev/spec/v1.2/verification_summary. */
  summaryV1: "https://slsa.dev/verification_summary/v1",
  /** Source: in-toto attestation, spec/predicates/svr.md. */
  resultV02: "https://in-toto.io/attestation/svr/v0.2",
} as const;

/** A predicate type without its version: `https://spdx.dev/Document/v2.3` is of the family `https://spdx.dev/Document`. */
export function predicateFamily(predicateType: string): string {
  return predicateType.replace(/\/v\d[\d.]{0,15}$/, "");
}

/** Predicate type of a DSSE signature of an image, as `cosign sign` writes it. It is a signature, not an attestation. */
export const COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1";

/** Whether a predicate type, or the family that it belongs to, is one of these. */
export function isOfType(predicateType: string, types: readonly string[]): boolean {
  return types.includes(predicateType) || types.includes(predicateFamily(predicateType));
}

/** Annotations that name an attestation's predicate type, unsigned: those of bundles, and of cosign's legacy layers. */
const HINTS: readonly string[] = [ANNOTATIONS.bundlePredicateType, ANNOTATIONS.predicateType];

/** The predicate type that annotations name, unsigned; undefined where they name none, or two. */
export function predicateHint(annotations: Readonly<Record<string, string>>): string | undefined {
  const named = HINTS.flatMap((name) => annotations[name] ?? []).filter((hint) => hint !== "");
  return new Set(named).size === 1 ? named[0] : undefined;
}
