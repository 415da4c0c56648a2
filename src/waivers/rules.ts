import { formatDuration, isSamePerson, isUnambiguousName } from "../core/index.ts";
import { isGap } from "../documents/index.ts";
import { endOf } from "./end.ts";
import { classOf, isShort, MAX_LIFE, type WaiverClass, type WaiverDocument } from "./schema.ts";

const EMERGENCY: readonly WaiverClass[] = ["provenance", "promotable"];
const SEATS = ["release-manager", "devsecops"] as const;
const MAX_RENEWALS = 2;

/** A rule that a waiver breaks; a waiver that breaks one does not count. */
export interface BrokenRule {
  readonly rule: string;
  readonly message: string;
  /** The key that it speaks of; the whole waiver where absent. */
  readonly at: keyof WaiverDocument | undefined;
}

/** What a rule may read in addition to the waiver itself. */
export interface Surroundings {
  /** Every readable waiver of the document, by id. */
  readonly byId: ReadonlyMap<string, WaiverDocument>;
}

type Check = (waiver: WaiverDocument, surroundings: Surroundings) => string | undefined;

/** A rule: the keys that it speaks of, the most telling first, and what is wrong by it, or nothing. */
export interface Rule {
  readonly at: readonly (keyof WaiverDocument)[];
  readonly check: Check;
}

const ENDS = ["ttl", "ttl_ns", "expires"] as const;

/** Every rule by its name. */
export const RULES: Readonly<Record<string, Rule>> = {
  "no-owner": {
    at: [],
    check: ({ owner, owners }) =>
      owner === undefined && owners === undefined ? "A waiver needs an owner." : undefined,
  },
  "owner-twice": {
    at: ["owners"],
    check: ({ owner, owners }) =>
      owner !== undefined && owners !== undefined ? "Give owner or owners, not both." : undefined,
  },
  "no-end": {
    at: [],
    check: (waiver) => (endOf(waiver) === undefined ? "A waiver needs an end: ttl or expires." : undefined),
  },
  "ends-before-it-starts": {
    at: ["expires", "ttl_ns"],
    check: (waiver) => {
      const end = endOf(waiver);
      return end !== undefined && end <= waiver.created ? "It ends before it begins." : undefined;
    },
  },
  "too-long": { at: ENDS, check: tooLong },
  "no-id": {
    at: [],
    check: (waiver) => (waiver.id === undefined && !isShort(waiver) ? "Give it an id." : undefined),
  },
  "no-class": {
    at: [],
    check: (waiver) =>
      waiver.class === undefined && !isShort(waiver)
        ? "Say which class of findings it sets aside."
        : undefined,
  },
  "no-reason": {
    at: [],
    check: (waiver) =>
      waiver.reason === undefined && !isShort(waiver)
        ? "Give a reason of at least 20 characters."
        : undefined,
  },
  "no-findings": {
    at: ["class"],
    check: (waiver) =>
      classOf(waiver) === "vulnerability" && waiver.findings === undefined && !isShort(waiver)
        ? "Class vulnerability needs the ids that it sets aside, under findings."
        : undefined,
  },
  "findings-of-another-class": {
    at: ["findings"],
    check: (waiver) =>
      classOf(waiver) !== "vulnerability" && waiver.findings !== undefined
        ? "Only class vulnerability has findings; without them it sets aside what its class says."
        : undefined,
  },
  "self-approved": {
    at: ["approvals"],
    check: ({ approvals, requestedBy }) =>
      approvals.some(({ by }) => same(by, requestedBy))
        ? "The requester of a waiver cannot approve it."
        : undefined,
  },
  "ambiguous-name": {
    at: ["approvals", "requestedBy", "owners", "owner"],
    check: (waiver) => {
      const ambiguous = peopleIn(waiver).find((name) => !isUnambiguousName(name));
      return waiver.approvals.length > 0 && ambiguous !== undefined
        ? "Names in a waiver with approvals must be ASCII, such as a login or an address: other letters can look like someone else's name."
        : undefined;
    },
  },
  "approved-twice": {
    at: ["approvals"],
    check: ({ approvals }) =>
      approvals.some(({ by }, at) => approvals.slice(at + 1).some((other) => same(by, other.by)))
        ? "A person counts only once among the approvals, however the name is spelled."
        : undefined,
  },
  "not-approved": { at: ["approvals", "class"], check: notApproved },
  "renews-itself": {
    at: ["renews"],
    check: (waiver, { byId }) => (renewals(waiver, byId) === undefined ? "It renews itself." : undefined),
  },
  "renewed-too-often": {
    at: ["renews"],
    check: (waiver, { byId }) =>
      (renewals(waiver, byId) ?? 0) > MAX_RENEWALS
        ? `It is renewal number ${renewals(waiver, byId)!}; after ${MAX_RENEWALS} renewals, fix the cause or change the rule.`
        : undefined,
  },
};

/** The rules that a waiver breaks, in the order of the table. */
export function brokenRules(waiver: WaiverDocument, surroundings: Surroundings): BrokenRule[] {
  return Object.entries(RULES).flatMap(([rule, { at, check }]) => {
    const message = check(waiver, surroundings);
    return message === undefined ? [] : [{ rule, message, at: at.find((key) => !isGap(waiver[key])) }];
  });
}

function tooLong(waiver: WaiverDocument): string | undefined {
  const life = (endOf(waiver)?.getTime() ?? 0) - waiver.created.getTime();
  const longest = MAX_LIFE[classOf(waiver)];
  if (life <= longest) return undefined;
  return `It would last ${formatDuration(life)}; class ${classOf(waiver)} allows ${formatDuration(longest)}.`;
}

/** An emergency waiver needs both seats, taken by two people who neither own it nor asked for it. */
function notApproved(waiver: WaiverDocument): string | undefined {
  if (!EMERGENCY.includes(classOf(waiver))) return undefined;
  const interested = interestedIn(waiver);
  const free = waiver.approvals.filter(({ by }) => !interested.some((person) => same(by, person)));
  const [managers, engineers] = SEATS.map((seat) => free.filter((approval) => approval.seat === seat));
  const apart = managers!.some(({ by }) => engineers!.some((other) => !same(by, other.by)));
  if (apart) return undefined;
  return `Class ${classOf(waiver)} needs two approvals by different people other than owner and requester, in the seats ${SEATS.join(" and ")}.`;
}

/** How many waivers of the document it follows, one after the other; undefined where they go in a circle. */
function renewals(waiver: WaiverDocument, byId: ReadonlyMap<string, WaiverDocument>): number | undefined {
  let here = waiver;
  for (let count = 0; count <= MAX_RENEWALS + 1; count++) {
    if (here.renews === undefined) return count;
    if (here.renews === waiver.id) return undefined;
    const before = byId.get(here.renews);
    if (before === undefined) return count + 1;
    here = before;
  }
  return MAX_RENEWALS + 1;
}

/** Who asked for a waiver or owns it. */
function interestedIn({ requestedBy, owner, owners = [] }: WaiverDocument): string[] {
  return [requestedBy, owner, ...owners].filter((name) => name !== undefined);
}

function peopleIn(waiver: WaiverDocument): string[] {
  return [...interestedIn(waiver), ...waiver.approvals.map(({ by }) => by)];
}

/** Whether two names may be one person's. Of an ambiguous one its own rule says that it is one. */
function same(a: string, b: string | undefined): boolean {
  return b !== undefined && [a, b].every(isUnambiguousName) && isSamePerson(a, b);
}
