import { canonicalJson, isSamePerson, printable, type Problem } from "../core/index.ts";
import { readPlain } from "./plain.ts";

/**
 * Approvals in entries of the list `key` that `before` does not hold as they are, by anyone who asks for the entry or,
 * where that is known, by the person who edits it: neither vouches for it. Empty where either text cannot be read: the
 * schema says so better.
 */
export function ownApprovals(
  {
    before = "",
    after,
    key,
  }: { readonly before: string | undefined; readonly after: string; readonly key: string },
  editor: string | undefined,
): Problem[] {
  const old = new Set(entriesIn(before, key).map(canonicalJson));
  const read = readPlain(after);
  if (!read.ok) return [];
  return listIn(read.value.content, key).flatMap((entry, at) =>
    old.has(canonicalJson(entry))
      ? []
      : listIn(entry, "approvals").flatMap((approval, nth) => {
          const by = textIn(approval, "by");
          const why = by === undefined ? undefined : whyNot(by, editor, textIn(entry, "requestedBy"));
          if (by === undefined || why === undefined) return [];
          const place = read.value.placeOf([key, at, "approvals", nth, "by"]);
          const message = `${printable(by, 64)} ${why}`;
          return [{ ...place, path: `${key}[${at}].approvals[${nth}]`, rule: "own-approval", message }];
        }),
  );
}

function whyNot(by: string, editor: string | undefined, requester: string | undefined): string | undefined {
  if (editor !== undefined && isSamePerson(by, editor))
    return "cannot approve their own edit; someone else must apply it.";
  if (requester !== undefined && isSamePerson(by, requester)) return "requests it and cannot approve it.";
  return undefined;
}

function entriesIn(text: string, key: string): readonly unknown[] {
  const read = readPlain(text);
  return read.ok ? listIn(read.value.content, key) : [];
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}

function textIn(value: unknown, key: string): string | undefined {
  const text = fieldOf(value, key);
  return typeof text === "string" ? text : undefined;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
