import { isDeepStrictEqual } from "node:util";

import { isExact, type Pattern, printable, type Problem } from "../core/index.ts";
import { type PlainDocument, readPlain } from "../documents/index.ts";
import { parseRevocations, type Revocation } from "./revocations.ts";

const UNKNOWN: Problem = {
  line: 1,
  column: 1,
  path: "",
  rule: "weaker-than-unknown",
  message: "There is no known list to compare it with; it may void less than one that was in force.",
};

/**
 * Where `after` voids less than `before`: entries that are gone, shorter, or about something else. A `before` that is not
 * known, or cannot be read, may have voided anything. What is wrong with an `after` that cannot be read.
 */
export function revocationWeakenings(before: string | undefined, after: string): Problem[] {
  const [now, plain] = [parseRevocations(after), readPlain(after)];
  if (!now.ok) return [...now.problems];
  if (!plain.ok) return [...plain.problems];
  const old = before === undefined ? undefined : parseRevocations(before);
  if (!old?.ok) return [UNKNOWN];
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
  return [issuer, textOf(identity), textOf(sourceRepository), key, digest];
}

/** A pattern and the exact text of the same letters are not about the same. */
function textOf(matcher: Pattern | undefined): unknown {
  return matcher && [matcher.source, isExact(matcher)];
}
