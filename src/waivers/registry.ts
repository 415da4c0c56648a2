import type { Digest, Parsed, Problem } from "../core/index.ts";
import { type Entry, type Place, readEntries } from "../documents/index.ts";
import { approvalPayload, type Consent } from "./approval-payload.ts";
import { coded } from "./codes.ts";
import { endOf } from "./end.ts";
import { type BrokenRule, brokenRules } from "./rules.ts";
import { classOf, idOf, type WaiverClass, WaiverDocument, type WaiverEntry } from "./schema.ts";

const MAX = 20_000;
/** Problems that are reported of a document. */
export const MAX_PROBLEMS = 1000;

/** An approval with what its signature must be over. */
export interface SignableApproval extends Consent {
  /** JSON text of a Sigstore bundle; absent where it is not signed. */
  readonly bundle?: string;
  /** The canonical text; absent where the approval is not signed, or has none. */
  readonly signs?: string;
}

/** A waiver that counts within its window. */
export interface Waiver {
  readonly id: string;
  readonly class: WaiverClass;
  readonly digest: Digest;
  readonly image?: string | undefined;
  readonly findings?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly owners: readonly string[];
  readonly requestedBy?: string | undefined;
  readonly approvals: readonly SignableApproval[];
  readonly reason?: string | undefined;
  readonly ticket?: string | undefined;
  /** First instant at which it counts. */
  readonly from: Date;
  /** First instant at which it no longer counts. */
  readonly until: Date;
  /** Where it is in its document. */
  readonly place: Place;
}

/** Every waiver that could be read, by digest; and what is wrong with the others, which are not waivers. */
export interface WaiverRegistry {
  readonly byDigest: ReadonlyMap<Digest, readonly Waiver[]>;
  readonly waivers: readonly Waiver[];
  /** By line, at most 1,000. */
  readonly problems: readonly Problem[];
}

/** No waivers. */
export const NO_WAIVERS: WaiverRegistry = { byDigest: new Map(), waivers: [], problems: [] };

/**
 * Reads the waiver document. An entry that cannot be read, breaks a rule or shares its id with another is not a waiver,
 * and is reported with its line; the rest count. Fails only where the document as a whole is unreadable.
 */
export function parseWaivers(text: string): Parsed<WaiverRegistry> {
  return registryOf(text, false);
}

/** Everything that is wrong with a waiver document, also where it fails as a whole: what follows the first fault, too. */
export function lintWaivers(text: string): readonly Problem[] {
  const read = registryOf(text, true);
  return read.ok ? read.value.problems : read.problems;
}

function registryOf(text: string, loosely: boolean): Parsed<WaiverRegistry> {
  const read = readEntries(text, { key: "waivers", schema: WaiverDocument, most: MAX, loosely });
  if (!read.ok) return read;
  const { entries } = read.value;
  const twins = sharedIds(entries);
  const byId = new Map(entries.map(({ value }) => [idOf(value), value] as const));
  const waivers: Waiver[] = [];
  const problems = read.value.problems.map(coded);
  for (const entry of entries) {
    const broken = brokenRules(entry.value, { byId });
    if (twins.has(idOf(entry.value))) broken.push(duplicate(entry.value));
    if (broken.length === 0) waivers.push(toWaiver(entry));
    problems.push(...broken.map((each) => problemOf(each, entry)));
  }
  const told = problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_PROBLEMS);
  return {
    ok: true,
    value: { byDigest: Map.groupBy(waivers, ({ digest }) => digest), waivers, problems: told },
  };
}

function problemOf({ rule, message, at }: BrokenRule, { index, placeOf }: Entry<WaiverDocument>): Problem {
  const path = `waivers[${index}]${at === undefined ? "" : `.${at}`}`;
  return { ...placeOf(at === undefined ? [] : [at]), path, rule, message };
}

function sharedIds(entries: readonly Entry<WaiverDocument>[]): Set<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { value } of entries) {
    const id = idOf(value);
    (seen.has(id) ? shared : seen).add(id);
  }
  return shared;
}

function duplicate(waiver: WaiverDocument): BrokenRule {
  return {
    rule: "duplicate-id",
    at: waiver.id === undefined ? "digest" : "id",
    message: `Another waiver is called "${idOf(waiver)}"; none of them counts until each has its own id.`,
  };
}

function signable(
  { by, seat, bundle }: WaiverDocument["approvals"][number],
  raw: WaiverEntry,
): SignableApproval {
  if (bundle === undefined) return { by, seat };
  const signs = approvalPayload(raw, { by, seat });
  return { by, seat, bundle, ...(signs !== undefined && { signs }) };
}

function toWaiver({ value: document, raw, place }: Entry<WaiverDocument>): Waiver {
  const { digest, image, findings, namespaces, requestedBy, reason, ticket, created } = document;
  return {
    id: idOf(document),
    class: classOf(document),
    digest,
    image,
    findings,
    namespaces,
    owners: document.owners ?? [document.owner!],
    ...(requestedBy !== undefined && { requestedBy }),
    approvals: document.approvals.map((each) => signable(each, raw as WaiverEntry)),
    reason,
    ticket,
    from: created,
    until: endOf(document)!,
    place,
  };
}
