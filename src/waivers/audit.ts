import type { Digest } from "../core/index.ts";
import { stateOf } from "./coverage.ts";
import { isAsWide, overlap, type Overlap, widthOf, type Width } from "./reach.ts";
import type { Waiver } from "./registry.ts";

const MAX_WIDEST = 10;

/** One container that runs. */
export interface Running {
  readonly namespace: string;
  /** `shop/web-1 (app)`. */
  readonly text: string;
  /** `registry/repository`, where the reference could be read. */
  readonly repository: string | undefined;
  /** Digests that represent its image: the reference's, and the one that the node says. */
  readonly digests: readonly Digest[];
}

/** How often waivers were used, and met after their end. */
export interface Uses {
  readonly used: ReadonlyMap<string, number>;
  readonly hits: ReadonlyMap<string, number>;
  /** Whether some uses are counted under no id: then no waiver can be called unused. */
  readonly isPartial: boolean;
}

/** What an audit reads in addition to the waivers. */
export interface Surroundings {
  readonly now: Date;
  readonly uses?: Uses;
  readonly running?: readonly Running[];
}

/** When a waiver ends, and what would be refused from then on. */
export interface Ending {
  readonly waiver: Waiver;
  /** Running containers that nothing else would set aside; absent where it is not known what runs. */
  readonly refused?: readonly Running[];
}

/** The state of all waivers. */
export interface WaiverAudit {
  readonly pending: readonly Waiver[];
  /** Everything that counts, what ends soonest first; those within 48 hours as well in `ending`. */
  readonly active: readonly Ending[];
  readonly ending: readonly Ending[];
  /** Ended, and still in the file. */
  readonly expired: readonly Waiver[];
  /** Of those, what was met after its end; absent where uses are not known. */
  readonly hit?: readonly { readonly waiver: Waiver; readonly hits: number }[];
  /** Counts, and was never used; absent where uses are not known. */
  readonly unused?: readonly Waiver[];
  readonly overlapping: readonly Overlap[];
  /** The widest of those that count, the widest first. */
  readonly widest: readonly { readonly waiver: Waiver; readonly width: Width }[];
}

/** Brings together what is known of waivers. Pure. */
export function auditWaivers(waivers: readonly Waiver[], { now, uses, running }: Surroundings): WaiverAudit {
  const sorted = waivers.toSorted((a, b) => a.until.getTime() - b.until.getTime());
  const inState = (...states: readonly string[]): Waiver[] =>
    sorted.filter((each) => states.includes(stateOf(each, now)));
  const expired = inState("expired");
  const counting = inState("active", "ending");
  const live = inState("active", "ending", "pending");
  const active = counting.map((waiver) => ({
    waiver,
    ...(running && { refused: running.filter((each) => endsWith(waiver, each, live)) }),
  }));
  const hits = (waiver: Waiver): number => uses?.hits.get(waiver.id) ?? 0;
  const isUnused = ({ id }: Waiver): boolean => (uses?.used.get(id) ?? 0) === 0;
  return {
    pending: inState("pending"),
    active,
    ending: active.filter(({ waiver }) => stateOf(waiver, now) === "ending"),
    expired,
    ...(uses && {
      hit: expired.filter((each) => hits(each) > 0).map((waiver) => ({ waiver, hits: hits(waiver) })),
    }),
    ...(uses && !uses.isPartial && { unused: counting.filter(isUnused) }),
    overlapping: overlapsIn(live),
    widest: counting
      .map((waiver) => ({ waiver, width: widthOf(waiver) }))
      .toSorted((a, b) => b.width.score - a.width.score)
      .slice(0, MAX_WIDEST),
  };
}

/** Whether a container is covered by a waiver, and by no other one that continues when it ends. */
function endsWith(waiver: Waiver, container: Running, live: readonly Waiver[]): boolean {
  if (!covers(waiver, container)) return false;
  return !live.some(
    (other) =>
      other !== waiver &&
      other.from <= waiver.until &&
      other.until > waiver.until &&
      covers(other, container) &&
      isAsWide(other, waiver),
  );
}

function covers(waiver: Waiver, { digests, repository, namespace }: Running): boolean {
  return (
    digests.includes(waiver.digest) &&
    (waiver.image === undefined || waiver.image === repository) &&
    (waiver.namespaces === undefined || waiver.namespaces.includes(namespace))
  );
}

function overlapsIn(live: readonly Waiver[]): Overlap[] {
  const groups = Map.groupBy(live, ({ digest, class: kind }) => `${kind} ${digest}`);
  return [...groups.values()].flatMap((same) =>
    same.flatMap((one, at) => same.slice(at + 1).flatMap((other) => overlap(one, other) ?? [])),
  );
}
