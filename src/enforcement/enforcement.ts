import type { Parsed } from "../core/index.ts";
import { readDocument } from "../documents/index.ts";
import { EnforcementDocument, repeats, type SwitchDocument } from "./document.ts";

/** How far the clock of who switches may be ahead of the gate's, ms. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** A switch that is, was or will be in force. */
export type Switch = SwitchDocument;

/** Every switch that the document knows, ended ones among them. */
export interface Enforcement {
  readonly switches: readonly Switch[];
}

/** Enforcement is not switched off, and never was. */
export const NO_SWITCHES: Enforcement = { switches: [] };

/** Reads the document, whole or not at all. */
export function parseEnforcement(text: string): Parsed<Enforcement> {
  const read = readDocument(text, EnforcementDocument);
  return read.ok ? { ok: true, value: { switches: read.value.switches } } : read;
}

/** The switches in force at an instant of the gate's clock. Each ends by itself, on the millisecond. */
export function switchesAt({ switches }: Enforcement, now: Date): readonly Switch[] {
  if (switches.length === 0) return switches;
  return switches.filter(({ from, until }) => from.getTime() - CLOCK_SKEW_MS <= now.getTime() && now < until);
}

/** Whether one of the document's switches renews or repeats another one. */
export function isRepetition(entry: Switch, { switches }: Enforcement): boolean {
  return switches.some((other) => repeats(entry, other));
}

/** Where a switch holds, for people: `all namespaces`, `namespace shop`, `rule app`. */
export function scopeOf({ namespace, rule }: Pick<Switch, "namespace" | "rule">): string {
  if (namespace !== undefined) return `namespace ${namespace}`;
  return rule === undefined ? "all namespaces" : `rule ${rule}`;
}
