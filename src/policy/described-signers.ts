import {
  type CertificateClaims,
  digestOf,
  isExact,
  type Parsed,
  type PublicKey,
  type Signer,
} from "../core/index.ts";
import { readDocument } from "../documents/index.ts";
import { compileAuthority, secretKeyId } from "./authorities.ts";
import {
  type AuthorityDocument,
  type ClaimName,
  CLAIMS,
  type KeylessDocument,
} from "./authority-document.ts";
import { PolicyDocument } from "./document.ts";
import type { Policy } from "./policy.ts";

/** What is said of a signer in addition to the authority that it is. */
export interface SignerDetails {
  readonly identity?: string | undefined;
  readonly claims?: CertificateClaims | undefined;
}

/** A signer that an authority accepts, or why there is none by these details. */
export type DescribedSigner =
  | { readonly ok: true; readonly signer: Signer }
  | { readonly ok: false; readonly why: string };

/** A signer for each authority of a policy, by the authority's name. */
export type SignerOf = (authority: string, details: SignerDetails) => DescribedSigner;

/** Signers as a policy's authorities accept them, for descriptions of images. Problems as those of `parsePolicy`. */
export function describedSigners(policyText: string): Parsed<SignerOf> {
  const read = readDocument(policyText, PolicyDocument);
  if (!read.ok) return read;
  const { authorities } = read.value;
  const value: SignerOf = (name, details) =>
    Object.hasOwn(authorities, name)
      ? signerOf(name, authorities[name]!, details)
      : { ok: false, why: `the policy has no authority "${name}"` };
  return { ok: true, value };
}

/** The keys of a policy as if each were there: a Secret's gets a fingerprint that is made of its name. */
export function describedKeys({ keys, secretKeys }: Policy): PublicKey[] {
  return [...keys, ...secretKeys.map(({ id }) => ({ id, fingerprint: digestOf(id), pem: "" }))];
}

function signerOf(name: string, document: AuthorityDocument, details: SignerDetails): DescribedSigner {
  const { keyless, key } = document;
  if (keyless !== undefined) return keylessSigner(name, document, keyless, details);
  if (details.identity !== undefined || details.claims !== undefined)
    return { ok: false, why: `${name} is a key, which has neither identity nor claims` };
  const { pem, secret } = key!;
  return {
    ok: true,
    signer: { kind: "key", fingerprint: pem?.fingerprint ?? digestOf(secretKeyId(secret!)) },
  };
}

function keylessSigner(
  name: string,
  document: AuthorityDocument,
  { issuer, identity, trustRoot, claims: asked }: KeylessDocument,
  details: SignerDetails,
): DescribedSigner {
  const exact = isExact(identity) ? identity.source : undefined;
  const is = details.identity ?? exact;
  if (is === undefined)
    return {
      ok: false,
      why: `${name} accepts identities by the pattern ${identity.source}; say which one it is`,
    };
  const claims: CertificateClaims = { ...exactClaims(asked), ...details.claims };
  const open = (Object.keys(CLAIMS) as ClaimName[]).find(
    (claim) => asked[claim] !== undefined && claims[claim] === undefined,
  );
  if (open !== undefined)
    return {
      ok: false,
      why: `${name} accepts ${open} by the pattern ${asked[open]!.source}; say which one it is`,
    };
  const signer: Signer = { kind: "keyless", identity: is, issuer: issuer.source, trustRoot, claims };
  const mismatch = compileAuthority(name, document).mismatch({ signer, logged: true }, []);
  return mismatch === undefined
    ? { ok: true, signer }
    : { ok: false, why: `that is not ${name}: it would be signed by ${mismatch.clause}` };
}

/** The claims that an authority pins to one value. */
function exactClaims(asked: KeylessDocument["claims"]): CertificateClaims {
  const pinned = (Object.keys(CLAIMS) as ClaimName[]).flatMap((claim) => {
    const wanted = asked[claim];
    return wanted !== undefined && isExact(wanted) ? [[claim, wanted.source] as const] : [];
  });
  return Object.fromEntries(pinned);
}
