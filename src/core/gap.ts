import type { Digest } from "./digest.ts";
import type { FaultCode } from "./fault-codes.ts";
import { Fault } from "./fault.ts";
import type { Advice } from "./reason-codes.ts";

/** Distinct gaps that are kept; the rest becomes one that may be anything. */
const MAX_GAPS = 64;
/** Digests that one gap names; one that represents more names none. */
const MAX_DIGESTS = 64;

/**
 * Something that may be evidence and was not read, or not checked to its end. What it says is unknown: it speaks
 * neither for nor against an image.
 */
export interface Gap {
  /** `limits/exceeded` where a limit of the gate is the cause, else the fault that was met. */
  readonly code: FaultCode;
  /** What was not read and why, one clause of printable ASCII: the limit and the setting that raises it, or the place and its answer. */
  readonly message: string;
  /** What to do, where the cause says more than the code. */
  readonly advice?: Advice;
  /** The only predicate type that it can hold, as its annotations say; anything, a signature too, where absent. */
  readonly predicateType?: string;
  /**
   * A whole place that its registry did not give, or all of the manifests and blobs that were not read or not checked, at
   * most 64. Absent where it is anything else, or more.
   */
  readonly about?: "place" | readonly Digest[];
  /** How many attachments or entries it represents. */
  readonly count: number;
}

/** Gaps with the same cause as one. At most 64, and none is ever dropped: what is past them is one gap of any type. */
export function mergeGaps(gaps: readonly Gap[]): Gap[] {
  const merged = new Map<string, Gap>();
  const rest: Gap[] = [];
  for (const gap of gaps) {
    const key = JSON.stringify([
      gap.code,
      gap.message,
      gap.advice?.fix,
      gap.predicateType,
      gap.about === "place",
    ]);
    const known = merged.get(key);
    if (known !== undefined) merged.set(key, together(known, gap));
    else if (merged.size < MAX_GAPS - 1) merged.set(key, gap);
    else rest.push(gap);
  }
  const [first] = rest;
  if (first === undefined) return [...merged.values()];
  const count = rest.reduce((sum, gap) => sum + gap.count, 0);
  return [...merged.values(), { code: first.code, message: `more was not read: ${first.message}`, count }];
}

/** Two gaps of one cause as one. */
function together({ about: some, ...known }: Gap, { about: others, count }: Gap): Gap {
  const about = some === "place" || others === "place" ? "place" : bothDigests(some, others);
  return { ...known, count: known.count + count, ...(about !== undefined && { about }) };
}

/** Undefined where either is not known, or both are too many: a gap must not seem to be about less than it is. */
function bothDigests(some: readonly Digest[] = [], others: readonly Digest[] = []): Digest[] | undefined {
  if (some.length === 0 || others.length === 0) return undefined;
  const both = [...new Set([...some, ...others])];
  return both.length <= MAX_DIGESTS ? both : undefined;
}

/** What a gap says where nothing can be known without what it is about. */
export function gapFault({ code, message, advice }: Pick<Gap, "code" | "message" | "advice">): Fault {
  return new Fault(code, message, { ...(advice !== undefined && { advice }) });
}

/** A gap for people. */
export function describeGap({ message, count }: Gap): string {
  return count > 1 ? `${message} (${count} of them)` : message;
}
