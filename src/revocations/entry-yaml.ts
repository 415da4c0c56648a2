import type { z } from "zod";

import type { RevocationDocument } from "./document.ts";

/** A revocation before it is read: plain values, as they stand in the document. */
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

/** Text that every YAML reads as itself without quotes. */
const PLAIN = /^[A-Za-z](?:[\w./@-]|[:](?=[\w/])| (?=[\w(]))*$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/;

/** An entry as the lines of a block list, without indentation and line ends. */
export function entryLines(entry: RevocationEntry): string[] {
  const lines = ORDER.flatMap((key) => {
    const value = entry[key];
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : fieldLines(key, value);
  });
  return lines.map((line, at) => (at === 0 ? `- ${line}` : `  ${line}`));
}

function fieldLines(key: string, value: unknown): string[] {
  if (Array.isArray(value)) return [`${key}:`, ...value.map((each) => `  - ${inline(each)}`)];
  return [`${key}: ${inline(value)}`];
}

function inline(value: unknown): string {
  if (typeof value !== "object" || value === null) return scalar(String(value));
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{ ${fields.map(([key, each]) => `${key}: ${inFlow(String(each))}`).join(", ")} }`;
}

function scalar(text: string): string {
  const plain = (PLAIN.test(text) && !WORDS.test(text)) || INSTANT.test(text);
  return plain ? text : JSON.stringify(text);
}

function inFlow(text: string): string {
  return INSTANT.test(text) || /^[A-Za-z0-9][\w./@-]*$/.test(text) ? scalar(text) : JSON.stringify(text);
}
