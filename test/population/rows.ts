import type { Kind } from "./mint.ts";
import type { World } from "./world.ts";

/** A line of a journal, as far as it is looked at. */
export interface JudgedLine {
  readonly kind: string;
  readonly repository: string;
  readonly digest: string;
  readonly state: Kind;
}

/** A row of the table: what was claimed, what was seen, and what is wrong about it. */
export interface Row {
  readonly claim: string;
  readonly seen: string;
  readonly wrong: readonly string[];
}

/** How often each text is there. Throws where there is none: a check of nothing would always pass. */
export function countsOf(all: readonly string[]): Record<string, number> {
  if (all.length === 0) throw new Error("nothing to count");
  const counts: Record<string, number> = {};
  for (const each of all) counts[each] = (counts[each] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** `600 promotable, 20 unknown`. */
export function text(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

/** `host/repository@digest`. */
export function keyOf({ repository, digest }: Pick<JudgedLine, "repository" | "digest">): string {
  return `${repository}@${digest}`;
}

/** All verdicts of a journal, those that were made again as well. */
export function judgedIn({ mc }: World, journal: string): JudgedLine[] {
  return mc.lines<JudgedLine>(journal).filter(({ kind }) => kind === "judged");
}
