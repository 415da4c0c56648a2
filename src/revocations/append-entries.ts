import type { z } from "zod";

import type { Parsed } from "../core/index.ts";
import { appendEntry, editGood, entryText, inOrder } from "../documents/index.ts";
import type { RevocationDocument } from "./document.ts";
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
 * Rules: those of `parseRevocations` and `appendEntry`.
 */
export function appendRevocations(text: string, entries: readonly RevocationEntry[]): Parsed<string> {
  return editGood(text, parseRevocations, () =>
    entries.reduce<Parsed<string>>(
      (result, entry) =>
        result.ok ? appendEntry(result.value, ["revocations"], inOrder(entry, ORDER)) : result,
      { ok: true, value: text },
    ),
  );
}

/** An entry as it is in the document, without indentation. */
export function revocationText(entry: RevocationEntry): string {
  return entryText(inOrder(entry, ORDER));
}
