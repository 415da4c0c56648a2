import type { z } from "zod";

import type { Parsed } from "../core/index.ts";
import { appendEntry, editGood, inOrder, renderYaml, setField } from "../documents/index.ts";
import type { SwitchDocument } from "./document.ts";
import { parseEnforcement, type Switch } from "./enforcement.ts";

/** A document in which nothing was ever switched off. */
export const EMPTY_ENFORCEMENT = "switches: []\n";

/** A switch before it is read: plain values, as they are in the document. */
export type SwitchEntry = z.input<typeof SwitchDocument>;

const ORDER = [
  "id",
  "namespace",
  "rule",
  "by",
  "reason",
  "ticket",
  "from",
  "until",
  "confirmed",
] as const satisfies readonly (keyof SwitchEntry)[];

/**
 * The document with a switch at its end, without the entries that ended before `forgetBefore`. Rules: those of
 * `parseEnforcement`.
 */
export function withSwitch(text: string, entry: SwitchEntry, forgetBefore: Date): Parsed<string> {
  return editGood(text, parseEnforcement, ({ switches }) => {
    const kept = switches.filter(({ until }) => until >= forgetBefore);
    const start = kept.length === switches.length ? text : writtenAgain(kept);
    return appendEntry(start, ["switches"], inOrder(entry, ORDER));
  });
}

/** The document with another end for a switch. */
export function withEnd(text: string, id: string, until: Date): Parsed<string> {
  return withField(text, id, { field: "until", value: until.toISOString(), after: ["from"] });
}

/** The document with a switch that a second person has confirmed. */
export function withConfirmation(
  text: string,
  id: string,
  { by, at }: { readonly by: string; readonly at: Date },
): Parsed<string> {
  const value = { by, at: at.toISOString() };
  return withField(text, id, { field: "confirmed", value, after: ["until"] });
}

function withField(
  text: string,
  id: string,
  named: Omit<Parameters<typeof setField>[1], "path"> & { readonly value: Parameters<typeof setField>[2] },
): Parsed<string> {
  return editGood(text, parseEnforcement, ({ switches }) => {
    const at = switches.findIndex((each) => each.id === id);
    const { value, ...place } = named;
    return setField(text, { ...place, path: ["switches", at] }, value);
  });
}

/** In the same form as an entry that is appended. */
function writtenAgain(switches: readonly Switch[]): string {
  const entries = switches.map(({ from, until, confirmed, ...entry }) =>
    inOrder(
      {
        ...entry,
        from: from.toISOString(),
        until: until.toISOString(),
        ...(confirmed && { confirmed: { by: confirmed.by, at: confirmed.at.toISOString() } }),
      },
      ORDER,
    ),
  );
  return renderYaml({ switches: entries });
}
