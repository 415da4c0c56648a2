import { foldName, type Parsed, type Problem } from "../core/index.ts";
import { appendEntry, inOrder, readPlain, setField } from "../documents/index.ts";
import { lintWaivers, MAX_PROBLEMS, parseWaivers } from "./registry.ts";
import { idOf, isShort, WaiverDocument, type WaiverEntry } from "./schema.ts";

/** The order in which people read a waiver: what for, how wide, why, by whom, how long. */
const ORDER = [
  "id",
  "class",
  "digest",
  "image",
  "findings",
  "namespaces",
  "reason",
  "compensatingControl",
  "ticket",
  "owner",
  "owners",
  "requestedBy",
  "approvals",
  "created",
  "ttl",
  "ttl_ns",
  "expires",
  "renews",
] as const satisfies readonly (keyof WaiverEntry)[];

/** One waiver as it is written, and its place in the list. */
export interface WrittenWaiver {
  readonly index: number;
  readonly raw: WaiverEntry;
  readonly document: WaiverDocument;
}

/** The waiver of an id as it is written, whether or not it counts; undefined where none or several are called so. */
export function writtenWaiver(text: string, id: string): WrittenWaiver | undefined {
  const read = readPlain(text);
  const list = read.ok ? (read.value.content as { readonly waivers?: unknown } | null)?.waivers : undefined;
  const named = (Array.isArray(list) ? (list as unknown[]) : []).flatMap((raw, index) => {
    const parsed = WaiverDocument.safeParse(raw);
    return parsed.success && idOf(parsed.data) === id
      ? [{ index, raw: raw as WaiverEntry, document: parsed.data }]
      : [];
  });
  return named.length === 1 ? named[0] : undefined;
}

/** The document with one more waiver at the end, where it lints; comments and layout stay. */
export function appendWaiver(text: string, entry: WaiverEntry): Parsed<string> {
  return linted(text, appendEntry(text, ["waivers"], inOrder(entry, ORDER)), { isNew: true });
}

/** The document in which a waiver ends at `at` at the latest, where it lints; the short form stays short. */
export function endWaiver(text: string, { index, document }: WrittenWaiver, at: Date): Parsed<string> {
  const path = ["waivers", index];
  const after = ["created", "ttl", "ttl_ns"];
  const whole = Math.floor(at.getTime() / 1000) * 1000;
  const edited = isShort(document)
    ? setField(text, { path, field: "ttl_ns", after }, (whole - document.created.getTime()) * 1_000_000)
    : setField(text, { path, field: "expires", after }, instantText(at));
  return linted(text, edited);
}

/**
 * The document with a person's approval: a new one, or a signature to the one that they gave in this seat. A bundle that is
 * there is replaced.
 */
export function approveWaiver(
  text: string,
  { index, raw, document: { approvals } }: WrittenWaiver,
  approval: NonNullable<WaiverEntry["approvals"]>[number],
): Parsed<string> {
  const path = ["waivers", index];
  const at = approvals.findIndex(
    ({ by, seat }) => foldName(by) === foldName(approval.by) && seat === approval.seat,
  );
  if (at >= 0 && approval.bundle !== undefined) {
    const place = { path: [...path, "approvals", at], field: "bundle", after: ["ref", "at"] };
    return linted(text, setField(text, place, approval.bundle));
  }
  if (raw.approvals !== undefined) return linted(text, appendEntry(text, [...path, "approvals"], approval));
  const after = ["requestedBy", "owners", "owner"];
  return linted(text, setField(text, { path, field: "approvals", after }, [approval]));
}

/** An instant as documents write it, in whole seconds: what ends now has ended. */
export function instantText(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** The entry is the last one, and its problems are the first ones that are not told. */
const TOO_MANY: Parsed<string> = {
  ok: false,
  problems: [
    {
      line: 1,
      column: 1,
      path: "waivers",
      rule: "too-many",
      message: `The document has ${MAX_PROBLEMS} problems or more, so those of a new waiver would not be shown; fix some first.`,
    },
  ],
};

/** An edit that brings no new problem; what was wrong elsewhere before is not a reason not to end a waiver. */
function linted(before: string, edited: Parsed<string>, { isNew = false } = {}): Parsed<string> {
  if (!edited.ok) return edited;
  const parsed = parseWaivers(edited.value);
  if (!parsed.ok) return parsed;
  if (isNew && parsed.value.problems.length >= MAX_PROBLEMS) return TOO_MANY;
  const known = lintWaivers(before).map(sameness);
  const fresh = parsed.value.problems.filter((problem) => !known.includes(sameness(problem)));
  return fresh.length > 0 ? { ok: false, problems: fresh } : edited;
}

function sameness({ path, rule, message }: Problem): string {
  return JSON.stringify([path, rule, message]);
}
