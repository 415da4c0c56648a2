import { isDeepStrictEqual } from "node:util";

import { isMap, printable, type Problem } from "../core/index.ts";
import { type PlainDocument, readPlain } from "../documents/index.ts";

interface Rule {
  readonly name: string;
  readonly images: readonly string[];
  readonly namespaces?: readonly string[];
  readonly require: Readonly<Record<string, unknown>>;
}

type People = Readonly<Record<string, unknown>>;

/** The policy as it is written: both texts were read with its schema before. */
interface Written {
  readonly trustRoots?: Readonly<Record<string, unknown>>;
  readonly authorities?: Readonly<Record<string, unknown>>;
  readonly rules: readonly Rule[];
  readonly unmatched?: "deny" | "allow";
  readonly waivers?: {
    readonly requireSignedApprovals?: boolean;
    readonly approvers?: People;
  };
}

/** Gates that hear all the authorities they name: one authority less is one less that may speak against an image. */
const HEARS_ALL: readonly string[] = ["vulnerability", "promotable"];

/** One way in which an edit weakens a policy. */
export interface Weaker {
  readonly path: readonly (string | number)[];
  readonly rule: string;
  readonly message: string;
  /** What the opposite edit comes to. */
  readonly opposite: string;
}

/** Both texts of an edit, as they are written. */
export interface WrittenEdit {
  readonly before: PlainDocument;
  readonly after: PlainDocument;
}

/** Admits nothing: no policy is stricter. */
const STRICTEST = "rules: []\n";

/**
 * Where the policy `after` is not plainly as strict as `before`: what it drops, loosens, or asks in other words. It may
 * be as strict nevertheless; a person with the right to weaken says so. A `before` that is not known may have been as
 * strict as a policy can be. Both texts must have been read with the schema; of one that is not YAML the problems are
 * given.
 */
export function policyWeakenings(before: string | undefined, after: string): Problem[] {
  const [old, now] = [readPlain(before ?? STRICTEST), readPlain(after)];
  if (!old.ok) return [...old.problems];
  if (!now.ok) return [...now.problems];
  return weakerBy({ before: old.value, after: now.value }).map((each) => problemAt(now.value, each));
}

/** The same for texts that are read, with what the opposite edit comes to. */
export function weakerBy({ before, after }: WrittenEdit): Weaker[] {
  const texts: [Written, Written] = [before.content as Written, after.content as Written];
  return [unmatchedOf, trusted, moreLogs, approvals, lost, opened, checkpoints].flatMap((find) => [
    ...find(...texts),
  ]);
}

/** A weakening at its place in the text that it is of. */
export function problemAt(
  { placeOf }: PlainDocument,
  { path, rule, message }: Omit<Weaker, "opposite">,
): Problem {
  return { ...placeOf(path), path: printable(path.join("."), 200), rule, message: printable(message, 300) };
}

function* unmatchedOf(old: Written, now: Written): Generator<Weaker> {
  if (now.unmatched === "allow" && old.unmatched !== "allow") {
    const message = "Images that no rule covers would no longer be refused.";
    const opposite = "Images that no rule covers would be refused.";
    yield { path: ["unmatched"], rule: "weaker-unmatched", message, opposite };
  }
}

/** A name that rules refer to must keep meaning the same. */
function* trusted(old: Written, now: Written): Generator<Weaker> {
  for (const part of ["trustRoots", "authorities"] as const) {
    for (const [name, meaning] of Object.entries(old[part] ?? {})) {
      const other = now[part]?.[name];
      if (other === undefined || isDeepStrictEqual(meaning, other)) continue;
      const message = `"${name}" would mean someone else.`;
      yield { path: [part, name], rule: "weaker-trust", message, opposite: message };
    }
  }
}

/** Where approvals must be signed: anyone who may sign now and could not before, or signs in another seat. */
function* approvals({ waivers: old }: Written, { waivers: now }: Written): Generator<Weaker> {
  if (old?.requireSignedApprovals !== true) return;
  if (now?.requireSignedApprovals !== true) {
    const message = "Waivers would count without signed approvals.";
    const opposite = "Waivers would need signed approvals.";
    yield { path: ["waivers", "requireSignedApprovals"], rule: "weaker-approvals", message, opposite };
  }
  yield* newApprovers(old.approvers ?? {}, now?.approvers ?? {});
}

function* newApprovers(old: People, now: People): Generator<Weaker> {
  for (const [name, approver] of Object.entries(now)) {
    if (Object.hasOwn(old, name) && isDeepStrictEqual(old[name], approver)) continue;
    const message = `"${name}" could approve waivers that they could not approve before.`;
    const opposite = `"${name}" could no longer approve waivers as before.`;
    yield { path: ["waivers", "approvers", name], rule: "weaker-approvals", message, opposite };
  }
}

/** A key whose signatures must be logged takes the log of any trust root. */
function* moreLogs(old: Written, now: Written): Generator<Weaker> {
  const needsLog = Object.entries(old.authorities ?? {}).some(([, authority]) => isLogged(authority));
  if (!needsLog) return;
  for (const name of Object.keys(now.trustRoots ?? {})) {
    if (Object.hasOwn(old.trustRoots ?? {}, name)) continue;
    const message = `Keys that need a log entry would take the log of "${name}", too.`;
    const opposite = `Keys that need a log entry would no longer take the log of "${name}".`;
    yield { path: ["trustRoots", name], rule: "weaker-trust", message, opposite };
  }
}

function isLogged(authority: unknown): boolean {
  const key = isMap(authority) ? authority["key"] : undefined;
  return isMap(key) && key["transparencyLogNotRequiredUnsafe"] !== true;
}

/** What the old rules asked, and the new ones do not. */
function* lost(old: Written, now: Written): Generator<Weaker> {
  for (const rule of old.rules) {
    const at = now.rules.findIndex(({ name }) => name === rule.name);
    const heir = now.rules[at];
    if (heir === undefined) {
      const opposite = `Rule "${rule.name}" would be new, and hold next to the others.`;
      yield { path: ["rules"], rule: "weaker-rule", message: `Rule "${rule.name}" would be gone.`, opposite };
      continue;
    }
    yield* narrowed(rule, heir, at);
    yield* loosened(rule, heir, at);
  }
}

function* narrowed(rule: Rule, heir: Rule, at: number): Generator<Weaker> {
  const gone = rule.images.filter((glob) => !heir.images.includes(glob));
  if (gone.length > 0) {
    const message = `Rule "${rule.name}" would no longer hold for ${gone.join(", ")}.`;
    const opposite = `Rule "${rule.name}" would hold for ${gone.join(", ")}, too.`;
    yield { path: ["rules", at, "images"], rule: "weaker-images", message, opposite };
  }
  if (!holdsWherever(heir.namespaces, rule.namespaces)) {
    const message = `Rule "${rule.name}" would hold in fewer namespaces.`;
    const opposite = `Rule "${rule.name}" would hold in more namespaces.`;
    yield { path: ["rules", at, "namespaces"], rule: "weaker-namespaces", message, opposite };
  }
}

function* loosened(rule: Rule, heir: Rule, at: number): Generator<Weaker> {
  for (const [gate, asked] of Object.entries(rule.require)) {
    const other = heir.require[gate];
    if (gate === "reference" && other !== undefined) continue; // see checkpoints
    if (isDeepStrictEqual(asked, other) || (!HEARS_ALL.includes(gate) && isNarrower(asked, other))) continue;
    const message = `Rule "${rule.name}" would require less, or something else, of ${gate}.`;
    const opposite = `Rule "${rule.name}" would require more of ${gate}.`;
    yield { path: ["rules", at, "require", gate], rule: "weaker-requirement", message, opposite };
  }
}

/** The same words with fewer authorities to choose from. */
function isNarrower(before: unknown, after: unknown): boolean {
  if (!isMap(before) || !isMap(after)) return false;
  const { anyOf: old, ...rest } = before;
  const { anyOf: now, ...others } = after;
  const fewer = Array.isArray(old) && Array.isArray(now) && now.every((name) => old.includes(name));
  return fewer && isDeepStrictEqual(rest, others);
}

/** Settings of checkpoints, the weakest first; a rule that says nothing refuses them where they are known. */
const CHECKPOINTS: readonly unknown[] = ["allowed", undefined, "refused"];

/** The gate of the reference asks the same of every image, but for checkpoints. */
function* checkpoints(old: Written, now: Written): Generator<Weaker> {
  for (const [at, { name, require }] of now.rules.entries()) {
    const before = old.rules.find((rule) => rule.name === name)?.require["reference"];
    const after = require["reference"];
    if (after === undefined || strictness(after) >= strictness(before)) continue;
    const message = `Rule "${name}" would allow checkpoints of running containers to be restored.`;
    const opposite = `Rule "${name}" would refuse more checkpoints of running containers.`;
    yield { path: ["rules", at, "require", "reference"], rule: "weaker-requirement", message, opposite };
  }
}

function strictness(reference: unknown): number {
  return CHECKPOINTS.indexOf(isMap(reference) ? reference["checkpoints"] : undefined);
}

/** Where what no rule covers is refused, a rule for more images lets more in. */
function* opened(old: Written, now: Written): Generator<Weaker> {
  if (old.unmatched === "allow") return;
  for (const [at, rule] of now.rules.entries()) {
    const fresh = rule.images.filter(
      (glob) => !old.rules.some((each) => covers(each, glob, rule.namespaces)),
    );
    if (fresh.length === 0) continue;
    const message = `Rule "${rule.name}" would admit images that no rule covered: ${fresh.join(", ")}.`;
    const opposite = `Images that only rule "${rule.name}" covered would be refused: ${fresh.join(", ")}.`;
    yield { path: ["rules", at, "images"], rule: "weaker-coverage", message, opposite };
  }
}

function covers(rule: Rule, glob: string, namespaces: readonly string[] | undefined): boolean {
  return rule.images.includes(glob) && holdsWherever(rule.namespaces, namespaces);
}

/** Whether a rule for `these` namespaces holds wherever one for `those` does; absent means everywhere. */
function holdsWherever(these: readonly string[] | undefined, those: readonly string[] | undefined): boolean {
  return these === undefined || (those?.every((name) => these.includes(name)) ?? false);
}
