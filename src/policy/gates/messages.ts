import {
  type Advice,
  describeLacks,
  type Digest,
  type Evidence,
  type FindingCode,
  type Lack,
  printable,
  type Rejection,
} from "../../core/index.ts";
import type { Authority } from "../authorities.ts";
import type { GateObjection } from "./gate.ts";

const MAX_LIST = 3;
const MAX_ITEM = 200;
const MAX_MESSAGE = 600;

/** `a`, `a or b`, `a, b or c`, and how many more there are. */
export function list(items: readonly string[]): string {
  const shown = items.slice(0, MAX_LIST).map((item) => printable(item, MAX_ITEM));
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(", ")} or ${more} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)!}`;
}

/** The authorities for people, by name. */
export function describe(authorities: readonly Authority[]): string {
  return list(authorities.map(({ name }) => name));
}

/** Of several misses the nearest, the first where they are equal. */
export function nearest<T extends { readonly nearness: number }>(misses: readonly T[]): T | undefined {
  return misses.toSorted((a, b) => b.nearness - a.nearness)[0];
}

/** How people compare digests: by their first digits. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, digest.indexOf(":") + 13);
}

/** `1 signature`, `3 signatures`. */
export function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? "" : "s"}`;
}

/** Continues a clause with what had to be passed over; empty where that is nothing. */
export function skipped(rejections: readonly Rejection[]): string {
  const [first] = rejections;
  return first === undefined ? "" : `; skipped ${count(rejections, "attachment")} (${reasonOf(first)})`;
}

/** What may have been an attestation: a broken signature is reported where a signature is looked for. */
export function skippedAttestations({ rejections }: Evidence): string {
  return skipped(rejections.filter(({ claims }) => claims !== "signature"));
}

/** An objection that shares a line with those that say the same of other things. */
export function lacking(code: FindingCode, lack: Lack, advice?: Advice): GateObjection {
  return { code, message: clause(describeLacks([lack])), lack, ...(advice !== undefined && { advice }) };
}

/** Why an attachment is not evidence. */
export function reasonOf({ reason, message }: Rejection): string {
  return `${reason}: ${message}`;
}

/** A whole message, bounded. */
export function clause(text: string): string {
  return printable(text, MAX_MESSAGE);
}
