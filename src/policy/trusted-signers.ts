import type { Parsed, Pattern } from "../core/index.ts";
import { readDocument } from "../documents/index.ts";
import { PolicyDocument } from "./document.ts";

/** The signer that an authority with certificates accepts. */
export interface TrustedSigner {
  readonly authority: string;
  readonly issuer: Pattern;
  readonly identity: Pattern;
}

/** The signers that a policy's authorities name, for telling beforehand whether a signature could count. */
export function trustedSigners(text: string): Parsed<readonly TrustedSigner[]> {
  const read = readDocument(text, PolicyDocument);
  if (!read.ok) return read;
  const signers = Object.entries(read.value.authorities).flatMap(([authority, { keyless }]) =>
    keyless === undefined ? [] : [{ authority, issuer: keyless.issuer, identity: keyless.identity }],
  );
  return { ok: true, value: signers };
}
