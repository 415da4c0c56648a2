import { type Evidence, printable, type Proof } from "../core/index.ts";

const MAX = 8;

/** Who signed what, one short clause each, for audit annotations and `mc verify`; at most eight. */
export function describeProofs({ signatures, attestations }: Evidence): string[] {
  const signed = signatures.map((proof) => `signed by ${signerOf(proof)}`);
  const attested = attestations.map((proof) => `${proof.predicateType} by ${signerOf(proof)}`);
  return [...new Set([...signed, ...attested])].slice(0, MAX).map((text) => printable(text, 240));
}

function signerOf({ signer }: Proof): string {
  return signer.kind === "key" ? `key ${signer.fingerprint}` : `${signer.identity} (issuer ${signer.issuer})`;
}
