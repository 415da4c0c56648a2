import { isDeepStrictEqual } from "node:util";

import { printable, type Problem } from "../core/index.ts";
import { type PlainDocument, readPlain } from "../documents/index.ts";
import { parseRevocations, type Revocation } from "./revocations.ts";

/** Where `after` voids less than `before`: entries that are gone, shorter, or about something else. Both texts must parse. */
export function revocationWeakenings(before: string, after: string): Problem[] {
  const [old, now, plain] = [parseRevocations(before), parseRevocations(after), readPlain(after)];
  if (!old.ok || !now.ok || !plain.ok) return [];
  const entries = now.value.entries;
  return [
    ...old.value.entries.flatMap((entry) => shortened(entry, entries, plain.value)),
    ...[...old.value.nonPromotable.keys()]
      .filter((digest) => !now.value.nonPromotable.has(digest))
      .map((digest) => {
        const message = `${digest.slice(0, 19)} would be promotable.`;
        return {
          ...plain.value.placeOf(["nonPromotable"]),
          path: "nonPromotable",
          rule: "weaker-list",
          message,
        };
      }),
  ];
}

function shortened(old: Revocation, entries: readonly Revocation[], { placeOf }: PlainDocument): Problem[] {
  const at = entries.findIndex(({ id }) => id === old.id);
  const message = shortening(old, entries[at]);
  if (message === undefined) return [];
  const place = at < 0 ? placeOf(["revocations"]) : placeOf(["revocations", at]);
  const path = at < 0 ? "revocations" : `revocations[${at}]`;
  return [{ ...place, path, rule: "weaker-revocation", message: printable(`${old.id} ${message}`, 300) }];
}

function shortening(old: Revocation, now: Revocation | undefined): string | undefined {
  if (now === undefined) return "would be gone; a revocation stays.";
  if (!isDeepStrictEqual(targetOf(old), targetOf(now))) return "would be about something else.";
  const [before, after] = [windowOf(old), windowOf(now)];
  if (after.from > before.from) return "would begin later; its start may only move earlier.";
  return after.until < before.until ? "would end earlier." : undefined;
}

function windowOf({ from, until }: Revocation): { readonly from: number; readonly until: number } {
  return { from: from?.getTime() ?? -Infinity, until: until?.getTime() ?? Infinity };
}

function targetOf({ issuer, identity, sourceRepository, key, digest }: Revocation): unknown {
  return [issuer, identity?.source, sourceRepository?.source, key, digest];
}
