import { formatDuration } from "../core/index.ts";
import type { Waiver } from "./registry.ts";

/** Two waivers that set the same finding aside at the same time. */
export interface Overlap {
  readonly waivers: readonly [Waiver, Waiver];
  readonly from: Date;
  readonly until: Date;
  /** The one that adds nothing to the other, where there is one. */
  readonly spare?: Waiver;
}

/** How wide a waiver is: a number to sort by, and why. */
export interface Width {
  readonly score: number;
  readonly because: readonly string[];
}

/** The overlap of two waivers of one class and digest. */
export function overlap(one: Waiver, other: Waiver): Overlap | undefined {
  const from = one.from > other.from ? one.from : other.from;
  const until = one.until < other.until ? one.until : other.until;
  const alike =
    meet(one.namespaces, other.namespaces) &&
    meet(one.findings, other.findings) &&
    meet(one.image && [one.image], other.image && [other.image]);
  if (from >= until || !alike) return undefined;
  const spare = [one, other].find((each) => contains(each === one ? other : one, each));
  return { waivers: [one, other], from, until, ...(spare && { spare }) };
}

/** Whether `wide` sets aside whatever `narrow` does, apart from the time and from where. */
export function isAsWide(wide: Waiver, narrow: Waiver): boolean {
  return (
    wide.class === narrow.class && wide.digest === narrow.digest && holds(wide.findings, narrow.findings)
  );
}

/** The width of a waiver: where it holds, for how much, for how long. */
export function widthOf({ namespaces, image, findings, class: kind, from, until }: Waiver): Width {
  const days = (until.getTime() - from.getTime()) / 86_400_000;
  const places = namespaces?.length ?? 100;
  const names = kind === "vulnerability" ? (findings?.length ?? 100) : 100;
  return {
    score: places * names * (image === undefined ? 2 : 1) * days,
    because: [
      namespaces === undefined ? "every namespace" : `${namespaces.length} namespace(s)`,
      image === undefined ? "any repository" : "one repository",
      findings === undefined ? `everything of class ${kind}` : `${findings.length} finding(s)`,
      formatDuration(until.getTime() - from.getTime()),
    ],
  };
}

function contains(wide: Waiver, narrow: Waiver): boolean {
  return (
    wide.from <= narrow.from &&
    wide.until >= narrow.until &&
    isAsWide(wide, narrow) &&
    holds(wide.namespaces, narrow.namespaces) &&
    (wide.image === undefined || wide.image === narrow.image)
  );
}

/** Absent lists represent everything. */
function holds(wide: readonly string[] | undefined, narrow: readonly string[] | undefined): boolean {
  return wide === undefined || (narrow?.every((each) => wide.includes(each)) ?? false);
}

function meet(some: readonly string[] | "" | undefined, others: readonly string[] | "" | undefined): boolean {
  return !some || !others || some.some((each) => others.includes(each));
}
