import { ANNOTATIONS } from "../../core/index.ts";
import type { Descriptor } from "../descriptors.ts";
import { rankOfReferrer } from "./kinds.ts";

/**
 * The order in which referrers are read: those that say they are Sigstore's before others, then the newest. A list
 * states no order; what says no time comes last, the end of the list first, where clients append. All of this
 * is unsigned: it decides what is read first, and what is left unread at a limit is a gap wherever it was listed.
 */
export function inReadingOrder(listed: readonly Descriptor[]): Descriptor[] {
  return listed
    .map((descriptor, at) => ({ descriptor, at, rank: rankOfReferrer(descriptor), time: timeOf(descriptor) }))
    .toSorted((a, b) => a.rank - b.rank || compareTimes(b.time, a.time) || b.at - a.at)
    .map(({ descriptor }) => descriptor);
}

function timeOf({ annotations }: Descriptor): number {
  const time = Date.parse(annotations[ANNOTATIONS.created] ?? "");
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

/** Subtraction would make NaN of two times that are not stated. */
function compareTimes(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
