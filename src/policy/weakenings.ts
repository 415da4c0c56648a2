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

interface Weaker {
  readonly path: readonly (string | number)[];
  readonly rule: string;
  readonly message: string;
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
  const texts: [Written, Written] = [old.value.content as Written, now.value.content as Written];
  return [
    ...unmatchedOf(...texts),
    ...trusted(...texts),
    ...moreLogs(...texts),
    ...approvals(...texts),
    ...lost(...texts),
    ...opened(...texts),
    ...checkpoints(...texts),
  ].map((each) => problemAt(now.value, each));
}

function problemAt({ placeOf }: PlainDocument, { path, rule, message }: Weaker): Problem {
  return { ...placeOf(path), path: printable(path.join("."), 200), rule, message: printable(message, 300) };
}

function* unmatchedOf(old: Written, now: Written): Generator<Weaker> {
  if (now.unmatched === "allow" && old.unmatched !== "allow") {
    const message = "Images that no rule covers would no longer be refused.";
    yield { path: ["unmatched"], rule: "weaker-unmatched", message };
  }
}

/** A name that rules refer to must keep meaning the same. */
function* trusted(old: Written, now: Written): Generator<Weaker> {
  for (const part of ["trustRoots", "authorities"] as const) {
    for (const [name, meaning] of Object.entries(old[part] ?? {})) {
      const other = now[part]?.[name];
      if (other === undefined || isDeepStrictEqual(meaning, other)) continue;
      yield { path: [part, name], rule: "weaker-trust", message: `"${name}" would mean someone else.` };
    }
  }
}

/** Where approvals must be signed: anyone who may sign now and could not before, or signs in another seat. */
function* approvals({ waivers: old }: Written, { waivers: now }: Written): Generator<Weaker> {
  if (old?.requireSignedApprovals !== true) return;
  if (now?.requireSignedApprovals !== true) {
    const message = "Waivers would count without signed approvals.";
    yield { path: ["waivers", "requireSignedApprovals"], rule: "weaker-approvals", message };
  }
  yield* newApprovers(old.approvers ?? {}, now?.approvers ?? {});
}

function* newApprovers(old: People, now: People): Generator<Weaker> {
  for (const [name, approver] of Object.entries(now)) {
    if (Object.hasOwn(old, name) && isDeepStrictEqual(old[name], approver)) continue;
    const message = `"${name}" could approve waivers that they could not approve before.`;
    yield { path: ["waivers", "approvers", name], rule: "weaker-approvals", message };
  }
}

/** A key whose signatures must be logged takes the log of any trust root. */
function* moreLogs(old: Written, now: Written): Generator<Weaker> {
  const needsLog = Object.entries(old.authorities ?? {}).some(([, authority]) => isLogged(authority));
  if (!needsLog) return;
  for (const name of Object.keys(now.trustRoots ?? {})) {
    if (Object.hasOwn(old.trustRoots ?? {}, name)) continue;
    const message = `Keys that need a log entry would take the log of "${name}", too.`;
    yield { path: ["trustRoots", name], rule: "weaker-trust", message };
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
      yield { path: ["rules"], rule: "weaker-rule", message: `Rule "${rule.name}" would be gone.` };
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
    yield { path: ["rules", at, "images"], rule: "weaker-images", message };
  }
  if (!holdsWherever(heir.namespaces, rule.namespaces)) {
    const message = `Rule "${rule.name}" would hold in fewer namespaces.`;
    yield { path: ["rules", at, "namespaces"], rule: "weaker-namespaces", message };
  }
}

function* loosened(rule: Rule, heir: Rule, at: number): Generator<Weaker> {
  for (const [gate, asked] of Object.entries(rule.require)) {
    const other = heir.require[gate];
    if (gate === "reference" && other !== undefined) continue; // see checkpoints
    if (isDeepStrictEqual(asked, other) || (!HEARS_ALL.includes(gate) && isNarrower(asked, other))) continue;
    const message = `Rule "${rule.name}" would require less, or something else, of ${gate}.`;
    yield { path: ["rules", at, "require", gate], rule: "weaker-requirement", message };
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
    yield { path: ["rules", at, "require", "reference"], rule: "weaker-requirement", message };
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
    yield { path: ["rules", at, "images"], rule: "weaker-coverage", message };
  }
}

function covers(rule: Rule, glob: string, namespaces: readonly string[] | undefined): boolean {
  return rule.images.includes(glob) && holdsWherever(rule.namespaces, namespaces);
}

/** Whether a rule for `these` namespaces holds wherever one for `those` does; absent means everywhere. */
function holdsWherever(these: readonly string[] | undefined, those: readonly string[] | undefined): boolean {
  return these === undefined || (those?.every((name) => these.includes(name)) ?? false);
}
