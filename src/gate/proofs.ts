import { type Evidence, printable, type Proof } from "../core/index.ts";

const MAX = 8;

/** Evidence that a thousand reviews are judged by is described once. */
const described = new WeakMap<Evidence, readonly string[]>();

/** Who signed what, one short clause each, for audit annotations and `mc verify`; at most eight. */
export function describeProofs(evidence: Evidence): readonly string[] {
  const known = described.get(evidence);
  if (known !== undefined) return known;
  const clauses = clausesOf(evidence);
  described.set(evidence, clauses);
  return clauses;
}

function clausesOf({ signatures, attestations }: Evidence): string[] {
  const signed = signatures.map((proof) => `signed by ${signerOf(proof)}`);
  const attested = attestations.map((proof) => `${proof.predicateType} by ${signerOf(proof)}`);
  return [...new Set([...signed, ...attested])].slice(0, MAX).map((text) => printable(text, 240));
}

function signerOf({ signer }: Proof): string {
  return signer.kind === "key" ? `key ${signer.fingerprint}` : `${signer.identity} (issuer ${signer.issuer})`;
}
