import { type Evidence, Fault, mergeGaps, type Proof } from "../core/index.ts";

/**
 * Why a registry did not give all of the evidence, by the first gap that is not a limit of the gate; undefined where it
 * gave everything that was asked for.
 */
export function registryGap({ gaps }: Evidence): Fault | undefined {
  const gap = gaps.find(({ code }) => code !== "limits/exceeded");
  return gap && new Fault(gap.code, gap.message);
}

/**
 * Older evidence that its registry gave whole, with what was read since: what could not be read again is still known, and
 * nothing new that speaks against the image is forgotten. It stays as old as it was.
 */
export function withNewer(older: Evidence, newer: Evidence): Evidence {
  return {
    ...older,
    signatures: union(older.signatures, newer.signatures),
    attestations: union(older.attestations, newer.attestations),
    gaps: mergeGaps([...older.gaps, ...newer.gaps.filter(({ code }) => code === "limits/exceeded")]),
  };
}

/** One signature may be found again; the payload of cosign's older form is the same for several. */
function union<T extends Proof>(some: readonly T[], others: readonly T[]): T[] {
  const keyOf = ({ attachment, form, signer, trustedTime }: T): string =>
    JSON.stringify([attachment, form, signer, trustedTime]);
  const known = new Set(some.map(keyOf));
  return [...some, ...others.filter((each) => !known.has(keyOf(each)))];
}
