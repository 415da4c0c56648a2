import {
  type Advice,
  type Evidence,
  formatDuration,
  type Lack,
  type Proof,
  provenSince,
} from "../../core/index.ts";
import type { Authority, Mismatch } from "../authorities.ts";
import { type Composition, distinctSigners, signerId, signersOf } from "../signers.ts";
import type { AuthorityUse, GateContext } from "./gate.ts";
import { describe, nearest, skippedAttestations } from "./messages.ts";

/** Where the names of a composition are, below `path`. */
export function usesOf(composition: Composition, path: readonly (string | number)[] = []): AuthorityUse[] {
  const signers = signersOf(composition);
  const { names, least } = signers;
  return names.map((name, at) => ({ name, least, path: [...path, ...signers.path, at] }));
}

/** Whose signatures a gate counts, and how many it needs. */
export interface Quorum {
  /** For people: `release`, `2 distinct signers of a or b`. */
  readonly wanted: () => string;
  /** Why no authority made a proof, by the one that came nearest; undefined where one did. */
  readonly mismatch: (proof: Proof) => Mismatch | undefined;
  /** Whether these proofs are by enough distinct signers. */
  readonly isMet: (proofs: readonly Proof[]) => boolean;
  /** Says how many distinct signers there are where that is not enough. */
  readonly shortage: (proofs: readonly Proof[]) => string;
}

/** The quorum that a composition asks for. */
export function quorumOf(composition: Composition, { authorities, keys }: GateContext): Quorum {
  const { names, least } = signersOf(composition);
  const known = names.map((name) => authorities.get(name)).filter((each) => each !== undefined);
  const count = (proofs: readonly Proof[]): number => distinctSigners(known, proofs, keys);
  const wanted = (): string =>
    least === 1 ? describe(known) : `${least} distinct signers of ${describe(known)}`;
  return {
    wanted,
    mismatch: (proof) => nearestMismatch(known, proof, keys),
    isMet:
      least === 1
        ? (proofs) => proofs.some((proof) => nearestMismatch(known, proof, keys) === undefined)
        : (proofs) => count(proofs) >= least,
    shortage: (proofs) => `${count(proofs)} of the ${wanted()}`,
  };
}

/** Items whose proofs are by the quorum's authorities, and how near the others came. */
export function split<T extends Proof>(
  items: readonly T[],
  quorum: Quorum,
): { readonly trusted: readonly T[]; readonly misses: readonly Mismatch[] } {
  const trusted: T[] = [];
  const misses: Mismatch[] = [];
  for (const item of items) {
    const miss = quorum.mismatch(item);
    if (miss === undefined) trusted.push(item);
    else misses.push(miss);
  }
  return { trusted, misses };
}

/** That nothing of a kind is by the quorum: there is none, or someone else signed the one that comes nearest. */
export interface Absence {
  readonly isSigned: boolean;
  readonly lack: Lack;
  /** What to do, where the miss says more than the code. */
  readonly advice?: Advice;
}

/** Says what is lacking where nothing of a kind is by the quorum; `what` is the kind. */
export function absenceOf(
  what: string,
  misses: readonly Mismatch[],
  { wanted }: Quorum,
  evidence: Evidence,
): Absence {
  const signed = nearest(misses);
  return signed === undefined
    ? {
        isSigned: false,
        lack: { kind: "missing", what, rest: `${wanted()}${skippedAttestations(evidence)}` },
      }
    : { isSigned: true, lack: { kind: "signed", what, rest: signed.clause }, ...advised(signed) };
}

function advised({ advice }: Mismatch): Pick<Absence, "advice"> {
  return advice === undefined ? {} : { advice };
}

/**
 * When something was that is to count as new: the earlier of the signer's own words and of the time since when all of its
 * copies are known to be there.
 */
export function timeOf(proof: Proof, declared: Date | undefined): number | undefined {
  return earlierOf(provenSince(proof), declared);
}

function earlierOf(...times: readonly (Date | undefined)[]): number | undefined {
  const known = times.flatMap((each) => (each === undefined ? [] : [each.getTime()]));
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What makes one item stand in for another. */
export interface Succession<T extends Proof> {
  /** When the signer says that it was. */
  readonly declared: (item: T) => Date | undefined;
  /** Whether a newer item of the same signer stands in for an older one. */
  readonly replaces: (newer: T, older: T) => boolean;
  /** Equal for items of the same signer; by their exact identity where absent. */
  readonly signer?: (signer: T["signer"]) => string;
}

/**
 * Items that nothing newer of the same signer and source stands in for. What has no time is neither older nor newer
 * than anything, and stays: an old good word must not hide a newer bad one.
 */
export function newest<T extends Proof>(
  items: readonly T[],
  { declared, replaces, signer = signerId }: Succession<T>,
): T[] {
  return items.filter(
    (older) =>
      !items.some(
        (newer) =>
          isNewer(newer, older, declared) &&
          signer(newer.signer) === signer(older.signer) &&
          replaces(newer, older),
      ),
  );
}

/**
 * Newer by all that is known: neither late words make old things new, nor an early word what was signed later old. What
 * is to be newer counts since its first copy; what is to be older, by its own time: a statement that its signer repeats
 * is not taken back by what was said in between.
 */
function isNewer<T extends Proof>(newer: T, older: T, declared: Succession<T>["declared"]): boolean {
  const [since, when] = [provenSince(newer), timeOf(newer, declared(newer))];
  const then = earlierOf(older.trustedTime, declared(older));
  if (when === undefined || then === undefined || when <= then) return false;
  if (older.trustedTime === undefined) return true;
  return since !== undefined && since > older.trustedTime;
}

/** Why something does not count as young, and what to do where another one would not count either. */
export interface Age {
  readonly message: string;
  readonly advice?: Advice;
}

/** Doing again what has no time only makes another thing without one. */
export const UNDATED: Advice = {
  fix: "Attest it with a transparency log or a timestamp: nothing says when it was made, and repeating it in the same way changes nothing.",
  brief: "Attest it with a log or a timestamp.",
};

/**
 * Why something is too old, or undefined. The signer's own words count where they say older; only a time that someone
 * vouches for counts as young.
 */
export function tooOld(
  proof: Proof,
  {
    declared,
    undated,
    maxAge,
    now,
    what,
  }: {
    readonly declared: Date | undefined;
    /** What the signer states as its time, where that cannot be read: then its age is not known. */
    readonly undated?: string | undefined;
    readonly maxAge: number | undefined;
    readonly now: Date;
    /** Completes "nothing vouches for the time of …", and begins "… 3d ago". */
    readonly what: { readonly noun: string; readonly verb: string };
  },
): Age | undefined {
  if (maxAge === undefined) return undefined;
  const limit = `the rule allows ${formatDuration(maxAge)}`;
  if (proof.trustedTime === undefined)
    return { message: `the time of ${what.noun} is unverified; ${limit}`, advice: UNDATED };
  if (provenSince(proof) === undefined)
    return { message: `the time of a copy of ${what.noun} is unverified; ${limit}`, advice: UNDATED };
  if (undated !== undefined)
    return { message: `the time of ${what.noun} cannot be read (${undated}); ${limit}` };
  const age = now.getTime() - timeOf(proof, declared)!;
  return age <= maxAge ? undefined : { message: `${what.verb} ${formatDuration(age)} ago; ${limit}` };
}

function nearestMismatch(
  authorities: readonly Authority[],
  proof: Proof,
  keys: GateContext["keys"],
): Mismatch | undefined {
  const misses: Mismatch[] = [];
  for (const authority of authorities) {
    const miss = authority.mismatch(proof, keys);
    if (miss === undefined) return undefined;
    misses.push(miss);
  }
  return nearest(misses) ?? { nearness: 0, clause: "no one that the rule names" };
}
