import { type ImportContext, lose, type Requirement, type Signers } from "./draft.ts";
import type { Path } from "./incompatibility.ts";

/** Source: sigstore/cosign, pkg/cosign/attestation and cmd options: the short names of predicate types. */
const SHORT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    custom: "https://cosign.sigstore.dev/attestation/v1",
    slsaprovenance: "https://slsa.dev/provenance/v0.2",
    slsaprovenance02: "https://slsa.dev/provenance/v0.2",
    slsaprovenance1: "https://slsa.dev/provenance/v1",
    spdx: "https://spdx.dev/Document",
    spdxjson: "https://spdx.dev/Document",
    cyclonedx: "https://cyclonedx.org/bom",
    link: "https://in-toto.io/Link/v1",
    vuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
    openvex: "https://openvex.dev/ns/v0.2.0",
  }),
);
const FORMATS: readonly (readonly [family: string, format: string])[] = [
  ["https://spdx.dev/Document", "spdx"],
  ["https://cyclonedx.org/bom", "cyclonedx"],
];

/** The predicate type that a name represents. */
export function predicateTypeOf(name: string): string {
  return SHORT.get(name) ?? name;
}

/** What asks for an attestation of a type, and for what an expression says of it. */
export function attestationRequirement(
  context: ImportContext,
  {
    type,
    signers,
    expression,
    message,
  }: {
    readonly type: string;
    readonly signers: Signers;
    readonly expression?: string | undefined;
    readonly message?: string | undefined;
  },
  path: Path,
): Requirement[] {
  const format = FORMATS.find(([family]) => type === family || type.startsWith(`${family}/`))?.[1];
  const exists: Requirement[] =
    format === undefined ? [] : [{ gate: "sbom", settings: { ...signers, formats: [format] } }];
  if (format !== undefined)
    lose(
      context,
      path,
      "differs",
      "MC Gate reads the SBOM, which must list a component, and accepts any version of its type",
    );
  if (format !== undefined && expression === undefined) return exists;
  lose(
    context,
    path,
    "stricter",
    "a predicate of more than 65,536 characters is refused; the gates for provenance and scans read longer ones",
  );
  const check = {
    predicateType: type,
    expression: expression ?? `predicateType == ${JSON.stringify(type)}`,
    message: (message ?? `an attestation of the type ${type}`).replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 300),
  };
  return [...exists, { gate: "cel", settings: { ...check, ...signers } }];
}
