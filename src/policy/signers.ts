import { z } from "zod";

import { type Proof, type PublicKey, type Signer, Name } from "../core/index.ts";
import type { Authority } from "./authorities.ts";

const MAX = 32;

/** Names of authorities. The same name twice would count one authority as two. */
const Names = z
  .array(Name)
  .min(1, "An empty list would accept no one.")
  .max(MAX)
  .refine((names) => new Set(names).size === names.length, {
    params: { rule: "duplicate-authority" },
    message: "The same authority is in this list twice.",
  });

/** The settings that say whose signatures count, for `what`; a gate takes exactly one of them. */
export function signedBy(what: string) {
  const threshold = z
    .strictObject({
      count: z.int().min(1).max(MAX).describe("How many of them must sign, as distinct signers."),
      of: Names.describe("The authorities."),
    })
    .refine(({ count, of }) => count <= of.length, {
      params: { rule: "threshold-too-large" },
      message: "More authorities must sign than the list names: nothing would ever pass.",
    });
  return {
    anyOf: Names.optional().describe(`Authorities; one of them must have signed ${what}.`),
    allOf: Names.optional().describe(
      `Authorities that must all have signed ${what}, each as a different signer.`,
    ),
    threshold: threshold.optional().describe(`How many of the listed authorities must have signed ${what}.`),
  };
}

/** One of the settings of `signedBy`, as it is read. */
export interface Composition {
  readonly anyOf?: readonly string[] | undefined;
  readonly allOf?: readonly string[] | undefined;
  readonly threshold?: { readonly count: number; readonly of: readonly string[] } | undefined;
}

/** Whether exactly one of the settings of `signedBy` is there. */
export function isOneComposition({ anyOf, allOf, threshold }: Composition): boolean {
  return [anyOf, allOf, threshold].filter((each) => each !== undefined).length === 1;
}

/** The message where there are none or several. */
export const ONE_COMPOSITION = {
  params: { rule: "one-of" },
  message: "Give exactly one of anyOf, allOf and threshold.",
};

/** The authorities that a composition names, where each is, and how many are needed. */
export interface Signers {
  readonly names: readonly string[];
  readonly path: readonly string[];
  readonly least: number;
}

/** A composition that is exactly one, in one shape. */
export function signersOf({ anyOf, allOf, threshold }: Composition): Signers {
  if (anyOf !== undefined) return { names: anyOf, path: ["anyOf"], least: 1 };
  if (allOf !== undefined) return { names: allOf, path: ["allOf"], least: allOf.length };
  return { names: threshold!.of, path: ["threshold", "of"], least: threshold!.count };
}

/** Equal for proofs by the same signer, whatever else their certificates say: what one of them replaces of another's. */
export function signerId(signer: Signer): string {
  return signer.kind === "key" ? signer.fingerprint : JSON.stringify([signer.issuer, signer.identity]);
}

/** What tells signers apart. */
type SignerName =
  | Pick<Extract<Signer, { readonly kind: "key" }>, "kind" | "fingerprint">
  | Pick<Extract<Signer, { readonly kind: "keyless" }>, "kind" | "issuer" | "identity">;

/** The address of a workflow, without the ref that it was read from: `https://github.com/acme/app/.github/workflows/x.yml@…`. */
const WORKFLOW = /^(https:\/\/[^/@]+\/[^@]+)@/;

/**
 * Equal for signers behind which one and the same may be, where several have to agree: a key under whatever name, and a
 * workflow at whatever ref, since anyone who may write to its repository makes both refs. Letters' case says nothing.
 * Source: sigstore/fulcio docs/oid-info.md, on what the SAN of each CI system is.
 */
export function principalId(signer: SignerName): string {
  if (signer.kind === "key") return signer.fingerprint;
  const { issuer, identity } = signer;
  return JSON.stringify([issuer, (WORKFLOW.exec(identity)?.[1] ?? identity).toLowerCase()]);
}

/**
 * How many of the authorities are represented by as many distinct signers: two signatures by one signer count once, and
 * so do two authorities that one signer matches. It is the size of a largest matching, found by augmenting paths
 * (Kuhn).
 */
export function distinctSigners(
  authorities: readonly Authority[],
  proofs: readonly Pick<Proof, "signer" | "logged">[],
  keys: readonly PublicKey[],
): number {
  const candidates = authorities.map((authority) => {
    const own = proofs.filter((proof) => authority.mismatch(proof, keys) === undefined);
    return [...new Set(own.map(({ signer }) => principalId(signer)))];
  });
  const takenBy = new Map<string, number>();
  let count = 0;
  for (const at of candidates.keys()) if (place(at, { candidates, takenBy, tried: new Set() })) count += 1;
  return count;
}

interface Matching {
  readonly candidates: readonly (readonly string[])[];
  /** Signer → index of the authority that it represents. */
  readonly takenBy: Map<string, number>;
  readonly tried: Set<string>;
}

/** Finds a signer for one authority, moving others to other signers where that is needed. */
function place(at: number, matching: Matching): boolean {
  const { candidates, takenBy, tried } = matching;
  for (const signer of candidates[at]!) {
    if (tried.has(signer)) continue;
    tried.add(signer);
    const holder = takenBy.get(signer);
    if (holder !== undefined && !place(holder, matching)) continue;
    takenBy.set(signer, at);
    return true;
  }
  return false;
}
