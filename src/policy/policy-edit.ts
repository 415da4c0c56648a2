import { isDeepStrictEqual } from "node:util";

import { isMap, printable, type Parsed, type Problem } from "../core/index.ts";
import { type PlainDocument, readPlain } from "../documents/index.ts";
import { problemAt, type Weaker, weakerBy } from "./weakenings.ts";

/** One thing that an edit of a policy means. */
export interface PolicyChange extends Problem {
  /** `other`: neither plainly weaker nor plainly stricter, such as a name that means another signer. */
  readonly kind: "weaker" | "stricter" | "other";
  /** Which text its place is in: what is new is in the new one, what is gone in the old one. */
  readonly text: "old" | "new";
}

/** A signer that an edit brings or takes away. */
export interface SignerChange {
  readonly change: "added" | "removed" | "changed";
  /** The authority's name. */
  readonly authority: string;
  /** The rule that accepts it, or no longer does; absent where the authority itself changes. */
  readonly rule?: string;
  readonly gate?: string;
}

/** What an edit of a policy means. */
export interface PolicyEdit {
  /** Whether both texts say the same, however they are laid out. */
  readonly isSame: boolean;
  /** The weaker ones first. */
  readonly changes: readonly PolicyChange[];
  readonly signers: readonly SignerChange[];
}

/**
 * What an edit means: where it is weaker is what `policyWeakenings` says, and where it is stricter what that says of the
 * opposite edit. Both texts must have been read with the schema; of one that is not YAML the problems are given.
 */
export function policyEdit(before: string, after: string): Parsed<PolicyEdit> {
  const [old, now] = [readPlain(before), readPlain(after)];
  if (!old.ok) return old;
  if (!now.ok) return now;
  const forth = named(weakerBy({ before: old.value, after: now.value }), now.value);
  const back = named(weakerBy({ before: now.value, after: old.value }), old.value);
  const weaker = [...forth].map(([key, each]): PolicyChange => {
    const isEither = EITHER.has(each.rule) && back.has(key);
    return { kind: isEither ? "other" : "weaker", text: "new", ...problemAt(now.value, each) };
  });
  const stricter = [...back].flatMap(([key, each]): PolicyChange[] => {
    if (EITHER.has(each.rule) && forth.has(key)) return [];
    const rule = each.rule.replace("weaker-", "stricter-");
    return [
      { kind: "stricter", text: "old", ...problemAt(old.value, { ...each, rule, message: each.opposite }) },
    ];
  });
  const changes = [...weaker, ...stricter].toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  const contents = [old.value.content, now.value.content] as const;
  return {
    ok: true,
    value: { isSame: isDeepStrictEqual(...contents), changes, signers: signerChanges(...contents) },
  };
}

const KINDS = ["weaker", "other", "stricter"];

/** What is said in both directions where something is replaced: then neither is plainly the stricter one. */
const EITHER: ReadonlySet<string> = new Set(["weaker-requirement", "weaker-trust", "weaker-approvals"]);

/** Weakenings by what they are about: rules by their names, since their places differ. */
function named(weaker: readonly Weaker[], { content }: PlainDocument): ReadonlyMap<string, Weaker> {
  const rules = listIn(content, "rules");
  const nameAt = (part: string | number): unknown =>
    typeof part === "number" ? fieldOf(rules[part], "name") : part;
  return new Map(
    weaker.map((each) => {
      const rule = each.path.length === 1 ? each.message : "";
      return [JSON.stringify([each.rule, rule, ...each.path.map(nameAt)]), each] as const;
    }),
  );
}

function signerChanges(old: unknown, now: unknown): SignerChange[] {
  const [before, after] = [old, now].map((content) => mapIn(content, "authorities")) as [Fields, Fields];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const own = names.flatMap((authority): SignerChange[] => {
    if (!Object.hasOwn(before, authority)) return [{ change: "added", authority }];
    if (!Object.hasOwn(after, authority)) return [{ change: "removed", authority }];
    return isDeepStrictEqual(before[authority], after[authority]) ? [] : [{ change: "changed", authority }];
  });
  return [...own, ...acceptedChanges(acceptedIn(old), acceptedIn(now))].map((each) => ({
    ...each,
    authority: printable(each.authority, 100),
  }));
}

type Fields = Readonly<Record<string, unknown>>;

/** Whose signatures each gate of each rule accepts, by a key of all three. */
type Accepted = ReadonlyMap<string, Omit<SignerChange, "change">>;

function acceptedChanges(before: Accepted, after: Accepted): SignerChange[] {
  const lost = [...before].filter(([key]) => !after.has(key));
  const fresh = [...after].filter(([key]) => !before.has(key));
  return [
    ...fresh.map(([, each]): SignerChange => ({ change: "added", ...each })),
    ...lost.map(([, each]): SignerChange => ({ change: "removed", ...each })),
  ];
}

function acceptedIn(content: unknown): Accepted {
  const all = listIn(content, "rules").flatMap((rule) => {
    const name = String(fieldOf(rule, "name"));
    return Object.entries(mapIn(rule, "require")).flatMap(([gate, asked]) =>
      authoritiesOf(asked).map((authority) => ({ authority, rule: name, gate })),
    );
  });
  return new Map(all.map((each) => [JSON.stringify(each), each]));
}

/** The authorities that a gate's settings name, those of a cel check and of VEX as well. */
function authoritiesOf(asked: unknown): string[] {
  if (Array.isArray(asked)) return asked.flatMap(authoritiesOf);
  const own = ["anyOf", "allOf"].flatMap((key) => listIn(asked, key));
  const others = [fieldOf(asked, "vex"), fieldOf(asked, "threshold")].filter(isMap).flatMap(authoritiesOf);
  return [...own, ...listIn(asked, "of")].map(String).concat(others);
}

function fieldOf(value: unknown, key: string): unknown {
  return isMap(value) ? value[key] : undefined;
}

function mapIn(value: unknown, key: string): Fields {
  const field = fieldOf(value, key);
  return isMap(field) ? field : {};
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const field = fieldOf(value, key);
  return Array.isArray(field) ? field : [];
}
