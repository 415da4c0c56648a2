import { exactly, type Pattern, printable, type Proof, type PublicKey, type Signer } from "../core/index.ts";
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
}

/** A compiled authority. */
export interface Authority {
  readonly name: string;
  /** For messages: the name, and whom it represents. */
  readonly description: string;
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
  const description = `${name} (${identity.source})`;
  const checks: readonly Check[] = [
    { what: "identity", wanted: identity, of: (signer) => signer.identity },
    { what: "issuer", wanted: issuer, of: (signer) => signer.issuer },
    { what: "trust root", wanted: exactly(trustRoot), of: (signer) => signer.trustRoot },
    ...claimChecks(claims),
  ];
  return {
    name,
    description,
    mismatch: ({ signer }) => {
      if (signer.kind === "key")
        return { nearness: 0, clause: `${describeSigner(signer)}, but must be by ${description}` };
      const failed = checks.findIndex(({ wanted, of }) => !wanted.matches(of(signer) ?? ""));
      return failed < 0
        ? undefined
        : { nearness: failed, clause: difference(signer, checks[failed]!, description) };
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

function difference(signer: KeylessSigner, { what, wanted, of }: Check, description: string): string {
  const found = describeSigner(signer);
  if (what === "identity") return `${found}, but must be by ${description}`;
  const has = printable(of(signer) ?? "unknown", MAX_ITEM);
  return `${found} with ${what} ${has}, but ${description} needs ${what} ${wanted.source}`;
}

function compileKey(name: string, { pem, secret, transparencyLogNotRequiredUnsafe }: KeyDocument): Authority {
  const id = secret === undefined ? pem!.fingerprint : secretKeyId(secret);
  const needsLog = !transparencyLogNotRequiredUnsafe;
  const description = `${name} (key ${id.slice(0, SHORT_KEY)})`;
  return {
    name,
    description,
    mismatch: ({ signer, logged }, keys) => {
      const isOurs =
        signer.kind === "key" && keys.some((key) => key.id === id && key.fingerprint === signer.fingerprint);
      if (!isOurs) return { nearness: 0, clause: `${describeSigner(signer)}, but must be by ${description}` };
      if (logged || !needsLog) return undefined;
      return {
        nearness: 1,
        clause: `${description}, but is in no transparency log, which that authority needs`,
      };
    },
  };
}

function describeSigner(signer: Signer): string {
  return signer.kind === "key"
    ? `key ${signer.fingerprint.slice(0, SHORT_KEY)}`
    : printable(signer.identity, MAX_ITEM);
}
