import type { z } from "zod";

import { Digest, type Parsed } from "../core/index.ts";
import { appendEntries, editGood, entryText, inOrder, readPlain, setField } from "../documents/index.ts";
import type { NonPromotableDocument, RevocationDocument } from "./document.ts";
import { parseRevocations } from "./revocations.ts";

/** A revocation before it is read: plain values, as they are in the document. */
export type RevocationEntry = z.input<typeof RevocationDocument>;

/** The order in which people read an entry: what is void, within which window, why, by whom. */
const ORDER = [
  "id",
  "issuer",
  "identity",
  "sourceRepository",
  "key",
  "digest",
  "from",
  "until",
  "reason",
  "requestedBy",
  "approvals",
  "created",
] as const satisfies readonly (keyof RevocationEntry)[];

/**
 * The document with entries at the end of its list; comments and layout stay. A document that has problems is not touched.
 * Rules: those of `parseRevocations` and `appendEntries`.
 */
export function appendRevocations(text: string, entries: readonly RevocationEntry[]): Parsed<string> {
  return editGood(text, parseRevocations, () =>
    appendEntries(
      text,
      ["revocations"],
      entries.map((entry) => inOrder(entry, ORDER)),
    ),
  );
}

/** A digest on the list of images that cannot be promoted, as it is in the document. */
export type NonPromotableEntry = z.input<typeof NonPromotableDocument>;

/** The same for digests that are not promotable; those that are listed already are left out. */
export function appendNonPromotable(text: string, entries: readonly NonPromotableEntry[]): Parsed<string> {
  return editGood(text, parseRevocations, ({ nonPromotable }) => {
    const added = entries
      .filter(({ digest }) => !nonPromotable.has(Digest.parse(digest)))
      .map(({ digest, reason }) => ({ digest, reason }));
    const plain = readPlain(text);
    const isListed = plain.ok && Object.hasOwn(plain.value.content as object, "nonPromotable");
    const list: Parsed<string> = isListed
      ? { ok: true, value: text }
      : setField(text, { path: [], field: "nonPromotable", after: ["revocations"] }, []);
    return list.ok ? appendEntries(list.value, ["nonPromotable"], added) : list;
  });
}

/** An entry as it is in the document, without indentation. */
export function revocationText(entry: RevocationEntry): string {
  return entryText(inOrder(entry, ORDER));
}
