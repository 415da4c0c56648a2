import {
  type Advice,
  exactly,
  type Pattern,
  printable,
  type Proof,
  type PublicKey,
  type Signer,
} from "../core/index.ts";
import {
  type AuthorityDocument,
  type ClaimName,
  CLAIMS,
  type KeyDocument,
  type KeylessDocument,
} from "./authority-document.ts";

/** `sha256:` and twelve characters: how people compare keys. */
const SHORT_KEY = 19;
const MAX_ITEM = 200;

/** Why a proof is not an authority's, and how near it came: the nearest miss is the one worth telling. */
export interface Mismatch {
  readonly nearness: number;
  /** Completes "it is signed by …": what was found, and what was wanted. */
  readonly clause: string;
  /** What to do, where the miss says more than "by another signer". */
  readonly advice?: Advice;
}

/** Signing again in the same way changes nothing. */
export const ANOTHER_KEY: Advice = {
  fix: "Sign with a key or identity that the policy names, or have yours added; `openssl pkey -pubin -in cosign.pub -outform der | sha256sum` prints the number of a key.",
  brief: "Sign with a trusted key or identity.",
};
const ANOTHER_CLAIM: Advice = {
  fix: "Build and sign where the certificate says what the message asks for, or have the policy changed.",
  brief: "Release from the trusted source.",
};
const UNLOGGED: Advice = {
  fix: "Sign it again with an entry in a transparency log, which cosign makes by default.",
  brief: "Sign it again, with a log entry.",
};

/** A compiled authority. */
export interface Authority {
  readonly name: string;
  /** Who it is, as messages spell it out once: an identity, or a key by its first digits. */
  readonly standsFor: string;
  /** Undefined where the proof is this authority's. */
  readonly mismatch: (
    proof: Pick<Proof, "signer" | "logged">,
    keys: readonly PublicKey[],
  ) => Mismatch | undefined;
}

/** Stable id of the key that a Secret holds; a PEM's id is its fingerprint. */
export function secretKeyId(secret: { readonly name: string; readonly key: string }): string {
  return `secret/${secret.name}/${secret.key}`;
}

/** Compiles what the document says of one authority. */
export function compileAuthority(name: string, document: AuthorityDocument): Authority {
  const { keyless, key } = document;
  if (keyless !== undefined) return compileKeyless(name, keyless);
  return compileKey(name, key!);
}

function compileKeyless(name: string, document: KeylessDocument): Authority {
  const { trustRoot, issuer, identity, claims } = document;
  const checks: readonly Check[] = [
    { what: "identity", wanted: identity, of: (signer) => signer.identity },
    { what: "issuer", wanted: issuer, of: (signer) => signer.issuer },
    { what: "trust root", wanted: exactly(trustRoot), of: (signer) => signer.trustRoot },
    ...claimChecks(claims),
  ];
  return {
    name,
    standsFor: identity.source,
    mismatch: ({ signer }) => {
      if (signer.kind === "key") return anotherSigner(signer, name);
      const failed = checks.findIndex(({ wanted, of }) => !wanted.matches(of(signer) ?? ""));
      if (failed < 0) return undefined;
      const clause = difference(signer, checks[failed]!, name);
      return { nearness: failed, clause, ...(failed > 0 && { advice: ANOTHER_CLAIM }) };
    },
  };
}

type KeylessSigner = Extract<Signer, { readonly kind: "keyless" }>;

interface Check {
  readonly what: string;
  readonly wanted: Pattern;
  readonly of: (signer: KeylessSigner) => string | undefined;
}

function claimChecks(claims: KeylessDocument["claims"]): Check[] {
  return (Object.keys(CLAIMS) as ClaimName[]).flatMap((claim) => {
    const wanted = claims[claim];
    return wanted === undefined
      ? []
      : [{ what: claim, wanted, of: (signer: KeylessSigner) => signer.claims[claim] }];
  });
}

/** The identity is spelled out only where it is what differs: else it is the name's own. */
function difference(signer: KeylessSigner, { what, wanted, of }: Check, name: string): string {
  if (what === "identity") return `${describeSigner(signer)}, but must be by ${name}`;
  const has = printable(of(signer) ?? "unknown", MAX_ITEM);
  return `the identity of ${name} with ${what} ${has}, but must have ${printable(wanted.source, MAX_ITEM)}`;
}

function compileKey(name: string, { pem, secret, transparencyLogNotRequiredUnsafe }: KeyDocument): Authority {
  const id = secret === undefined ? pem!.fingerprint : secretKeyId(secret);
  const needsLog = !transparencyLogNotRequiredUnsafe;
  return {
    name,
    standsFor: `key ${id.slice(0, SHORT_KEY)}`,
    mismatch: ({ signer, logged }, keys) => {
      const isOurs =
        signer.kind === "key" && keys.some((key) => key.id === id && key.fingerprint === signer.fingerprint);
      if (!isOurs) return anotherSigner(signer, name);
      if (logged || !needsLog) return undefined;
      return {
        nearness: 1,
        clause: `${name}, but is in no transparency log, which that authority needs`,
        advice: UNLOGGED,
      };
    },
  };
}

function anotherSigner(signer: Signer, name: string): Mismatch {
  const miss = { nearness: 0, clause: `${describeSigner(signer)}, but must be by ${name}` };
  return signer.kind === "key" ? { ...miss, advice: ANOTHER_KEY } : miss;
}

function describeSigner(signer: Signer): string {
  return signer.kind === "key"
    ? `key ${signer.fingerprint.slice(0, SHORT_KEY)}`
    : printable(signer.identity, MAX_ITEM);
}
