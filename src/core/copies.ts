import type { Proof } from "./evidence.ts";

/**
 * Proofs of several attachments, one list for each, that know of each other's times: anyone may have an old signature
 * stamped or logged again today, and attach that copy next to the first one. What is signed again with the very same
 * text counts as a copy, too: signatures that can be varied tell the one from the other by nothing.
 */
export function withCopies<T extends Proof>(attachments: readonly (readonly T[])[]): T[] {
  const since = new Map<string, Date | undefined>();
  for (const proofs of attachments) {
    for (const [statement, own] of Map.groupBy(proofs, statementId)) {
      const time = earliest(own.map(sinceOf));
      since.set(statement, since.has(statement) ? earlier(since.get(statement), time) : time);
    }
  }
  return attachments.flat().map((proof) => withSince(proof, since.get(statementId(proof))));
}

/**
 * Since when a statement is known to be there, by all of its copies: what a proof's youth is judged by. Undefined where
 * nothing vouches for the time of this one or of another copy.
 */
export function provenSince(proof: Proof): Date | undefined {
  return proof.trustedTime === undefined ? undefined : sinceOf(proof);
}

function sinceOf({ copies, trustedTime }: Proof): Date | undefined {
  return copies === undefined ? trustedTime : copies.since;
}

/** Of one attachment, trust roots may know different times; which of them vouches makes no other statement of it. */
function statementId({ signer, statement }: Proof): string {
  if (signer.kind === "key") return JSON.stringify([statement, signer.fingerprint]);
  const { issuer, identity, claims } = signer;
  return JSON.stringify([statement, issuer, identity, claims]);
}

function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : known.reduce((one, other) => (one <= other ? one : other));
}

/** A copy without a time may be as old as can be. */
function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one === undefined || other === undefined ? undefined : earliest([one, other]);
}

function withSince<T extends Proof>(proof: T, since: Date | undefined): T {
  if (since?.getTime() === proof.trustedTime?.getTime()) return proof;
  return { ...proof, copies: since === undefined ? {} : { since } };
}
