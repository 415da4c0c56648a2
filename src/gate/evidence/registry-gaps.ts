import {
  type Digest,
  type Evidence,
  type Fault,
  type FaultCode,
  type Gap,
  gapFault,
  mergeGaps,
  type Proof,
  type Rejection,
  withCopies,
} from "../../core/index.ts";

/** That a registry did not give a place. All other faults of a place can be caused by anyone who writes what it holds. */
const NOT_GIVEN: ReadonlySet<FaultCode> = new Set([
  "registry/unavailable",
  "registry/forbidden",
  "registry/rate-limited",
]);

/** What a bundle that was read and checked to its end can be, and stays while the trust material is the same. */
const CHECKED: ReadonlySet<Rejection["reason"]> = new Set(["invalid", "wrong-subject", "untrusted"]);

/** Older evidence, completed, and why it was used. */
export interface Completed {
  readonly evidence: Evidence;
  readonly gap: Fault;
}

/**
 * Older evidence with what was read since, where it knows something that could not be read again; undefined where it
 * does not. It covers a place that its registry did not give now, and attachments that were read before. Nothing new that
 * speaks against the image is forgotten, and what is new and unread stays a gap. It stays as old as it was.
 */
export function withNewer(older: Evidence, newer: Evidence): Completed | undefined {
  if (older.gaps.some(isFailedPlace)) return undefined;
  const known = knownIn(older);
  const isCovered = (gap: Gap): boolean => isFailedPlace(gap) || isKnown(gap, known);
  const covered = newer.gaps.find(isCovered);
  if (covered === undefined) return undefined;
  const evidence = {
    ...older,
    signatures: union(older.signatures, newer.signatures),
    attestations: union(older.attestations, newer.attestations),
    gaps: mergeGaps([...older.gaps, ...newer.gaps.filter((gap) => !isCovered(gap))]),
    ...(newer.isPrivate && { isPrivate: newer.isPrivate }),
    ...(newer.isSignedIn && { isSignedIn: newer.isSignedIn }),
  };
  return { evidence, gap: gapFault(covered) };
}

/** Whether a registry did not give something, which says nothing about what it holds. */
export function isNotGiven({ code }: Pick<Fault, "code">): boolean {
  return NOT_GIVEN.has(code);
}

/** Whether it is a place that its registry did not give. */
export function isFailedPlace(gap: Gap): boolean {
  return gap.about === "place" && isNotGiven(gap);
}

/** A limit of the gate is none that older evidence can make good. */
function isKnown({ about, code }: Gap, known: ReadonlySet<Digest>): boolean {
  if (code === "limits/exceeded" || about === undefined || about === "place") return false;
  return about.every((digest) => known.has(digest));
}

/**
 * The manifests and blobs that evidence has read. What was rejected counts only as a bundle, which holds everything that
 * was checked: of cosign's older forms the annotations are a part, and others may come with the same blob.
 */
function knownIn({ signatures, attestations, rejections, manifests = [] }: Evidence): Set<Digest> {
  const proofs = [...signatures, ...attestations].map(({ attachment }) => attachment);
  const checked = rejections.filter(({ form, reason }) => form === "bundle" && CHECKED.has(reason));
  return new Set([...proofs, ...checked.map(({ attachment }) => attachment), ...manifests]);
}

/** One signature may be found again; the payload of cosign's older form is the same for several. */
function union<T extends Proof>(some: readonly T[], others: readonly T[]): T[] {
  const keyOf = ({ attachment, form, signer, trustedTime }: T): string =>
    JSON.stringify([attachment, form, signer, trustedTime]);
  const known = new Set(some.map(keyOf));
  const both = [...some, ...others.filter((each) => !known.has(keyOf(each)))];
  return withCopies(both.map((each) => [each]));
}
