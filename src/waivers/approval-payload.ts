import { canonicalJson } from "../core/index.ts";
import type { WaiverEntry } from "./schema.ts";

/** What a signature is for; it is part of the signed text, so that nothing else signed by someone becomes an approval. */
const TYPE = "https://mc-gate.dev/waiver-approval/v1";

/** Who approves, in which seat. */
export interface Consent {
  readonly by: string;
  readonly seat: string;
}

/**
 * The text that one person signs to approve a waiver: who they are, in which seat, and the waiver as it is written,
 * without its approvals. Canonical JSON (RFC 8785), so that layout, comments and the order of keys do not matter, and
 * any value does. Undefined where a text in it is not Unicode.
 */
export function approvalPayload(waiver: WaiverEntry, { by, seat }: Consent): string | undefined {
  const { approvals: _, ...signed } = waiver;
  return isUnicode(signed) ? canonicalJson({ type: TYPE, by, seat, waiver: signed }) : undefined;
}

/** RFC 8785 has no form for half a surrogate pair. */
function isUnicode(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isUnicode(each));
}
