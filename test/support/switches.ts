import { parseEnforcement } from "../../src/enforcement/index.ts";
import type { SwitchEntry } from "../../src/enforcement/write.ts";

/** When the first switch of these tests begins. */
export const NOW = new Date("2026-11-30T03:00:00Z");

/** An instant, minutes after NOW, as documents write it. */
export function at(minutes: number): string {
  return new Date(NOW.getTime() + minutes * 60_000).toISOString();
}

/** A switch of all namespaces that lasts 15 minutes. */
export function aSwitch(more: Partial<SwitchEntry> = {}): SwitchEntry {
  return {
    id: "off-1",
    by: "ana",
    reason: "The gate itself stands in the way.",
    ticket: "INC-7",
    from: at(0),
    until: at(15),
    ...more,
  };
}

/** A document of switches. */
export function textOf(...switches: readonly SwitchEntry[]): string {
  return JSON.stringify({ switches });
}

/** What a document says. Throws where it cannot be read. */
export function valueOf(text: string) {
  const parsed = parseEnforcement(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** An instant, minutes after NOW. */
export function later(minutes: number): Date {
  return new Date(NOW.getTime() + minutes * 60_000);
}

/** A confirmation by a second person. */
export const CONFIRMED = { by: "bob", at: at(5) };

/** What the title of a row says of it: the rules that are broken. */
export function outcome(rules: readonly string[]): string {
  return rules.length === 0 ? "accepted" : rules.join(", ");
}
