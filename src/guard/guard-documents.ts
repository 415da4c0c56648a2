import { z } from "zod";

import { type AdmissionRequest, type AnsweredReview, pass, refuse } from "../admission/index.ts";
import { digestOf, MAX_WARNING, printable, type Problem, TextMap } from "../core/index.ts";
import { type EditRight, type Authorize, missingRight } from "./edit-rights.ts";
import { type GuardOutcome, guardRecord, unreadRecord } from "./guard-record.ts";
import type { GuardDeps } from "./ports.ts";

const MAX_PROBLEMS = 5;
const MAX_MESSAGE = 2048;
/** Of a digest, with its algorithm: enough to find the text in a history. */
const DIGEST_CHARACTERS = 19;

/** Problems at once, or in a while where a text is long and read in another thread. */
type Problems = readonly Problem[] | Promise<readonly Problem[]>;

/** A document that the gate reads from a ConfigMap, and what may be said against a new text of it. */
export interface GuardedDocument {
  readonly namespace: string;
  readonly configMap: string;
  /** The key in the ConfigMap's data. */
  readonly key: string;
  /**
   * Whether replicas with other settings may read it from another ConfigMap. Each ConfigMap of the namespace that has the
   * key is guarded then: while settings are rolled out, any replica is asked about what any other goes by.
   */
  readonly isMovable: boolean;
  /** What rights call documents of this kind: `policies`. */
  readonly resource: string;
  /** The text that this replica goes by; undefined where it has none. */
  readonly inForce: () => string | undefined;
  readonly lint: (text: string) => Problems;
  /**
   * What a text with problems comes to: `refused`, or `weakens`, which those with the right may do. The settings are
   * read by the replicas that come, which may be of a later version and understand more.
   */
  readonly unreadable: "refused" | "weakens";
  /**
   * Where `after` is not plainly as strict as `before`. Where there is no text before, it is compared with the
   * strictest there could have been: what is not known may have been stricter than anything.
   */
  readonly weakenings: (before: string | undefined, after: string) => Problems;
  /** What a missing text comes to, where the gate works without one; it must not be missing where absent. */
  readonly absent?: string | undefined;
  /** What no right permits this user to do to the texts before it; nothing where absent. */
  readonly forbidden?: (befores: readonly string[], after: string, user: string) => Problems;
  /** Approvals by this user in entries that the edit brings. */
  readonly ownApprovals: (text: string, user: string) => Problems;
}

const ConfigMap = z.object({
  metadata: z.object({ name: z.string() }),
  data: TextMap.nullish(),
  immutable: z.boolean().nullish(),
});
type ConfigMap = z.output<typeof ConfigMap>;

/** What a request does to a ConfigMap. */
interface Change {
  readonly operation: AdmissionRequest["operation"];
  readonly name: string;
  /** Undefined where there was none, and where it cannot be read. */
  readonly before: ConfigMap | undefined;
  /** Undefined where it is deleted. */
  readonly after: ConfigMap | undefined;
}

/** A decision on one document. */
interface Ruling {
  readonly outcome: GuardOutcome;
  readonly problems: readonly Problem[];
  /** For the requester: of a refusal why, of an edit that passes what to know of it. */
  readonly message?: string | undefined;
}

/** What the guard of documents takes from outside. */
export type DocumentGuardDeps = Pick<GuardDeps, "caller" | "guarded" | "may" | "isTerminating" | "observe">;

/**
 * Refuses an edit that would put a broken document before the gate, that weakens one without the right to, or that the
 * editor approved, each with its line and rule; and the deletion of one without the right to weaken it, unless the whole
 * namespace is being deleted. ConfigMaps without documents pass, and so does an update that leaves the text as it is.
 */
export async function guardDocuments(
  request: AdmissionRequest,
  deps: DocumentGuardDeps,
): Promise<AnsweredReview> {
  const { uid, namespace } = request;
  const whole = changeIn(request);
  if (whole === undefined) {
    deps.observe(unreadRecord(uid, deps.caller));
    return refuse(uid, "the ConfigMap cannot be read");
  }
  const warnings: string[] = [];
  for (const [document, change] of deps.guarded.flatMap((each) => changesOf(each, namespace, whole))) {
    const ruling = await rulingOn(document, change, { request, deps });
    const { outcome, problems, message = outcome.reason } = ruling;
    const { caller } = deps;
    const about = { ...aboutOf(document, change), caller, rules: problems.map(({ rule }) => rule) };
    deps.observe(guardRecord(request, about, outcome));
    if (outcome.decision === "refused") return refuse(uid, printable(message, MAX_MESSAGE));
    if (ruling.message !== undefined) warnings.push(printable(ruling.message, MAX_WARNING));
  }
  return pass(uid, warnings);
}

/**
 * The name is that of the object: a request that deletes a whole collection names none. Undefined where that cannot be
 * read.
 */
function changeIn({ operation, object, oldObject, name }: AdmissionRequest): Change | undefined {
  const before = operation === "CREATE" ? undefined : ConfigMap.safeParse(oldObject).data;
  if (operation === "DELETE") {
    const deleted = before?.metadata.name ?? name;
    return deleted === "" ? undefined : { operation, name: deleted, before, after: undefined };
  }
  const after = ConfigMap.safeParse(object).data;
  return after && { operation, name: after.metadata.name, before, after };
}

/**
 * What a change of a ConfigMap does to a document; nothing where it does not touch it. In a ConfigMap that this replica does
 * not read, a text without its key is gone, and one that it cannot read may be meant for a later version.
 */
function changesOf(
  document: GuardedDocument,
  namespace: string,
  change: Change,
): readonly (readonly [GuardedDocument, Change])[] {
  if (document.namespace !== namespace || isUntouched(document, change)) return [];
  if (change.name === document.configMap) return [[document, change]];
  if (!document.isMovable) return [];
  const elsewhere = { ...document, configMap: change.name, unreadable: "weakens" } as const;
  if (change.after?.data?.[document.key] !== undefined) return [[elsewhere, change]];
  return mayHaveHeld(document.key, change) ? [[elsewhere, { ...change, after: undefined }]] : [];
}

function mayHaveHeld(key: string, { operation, before }: Change): boolean {
  return operation !== "CREATE" && (before === undefined || before.data?.[key] !== undefined);
}

function isUntouched({ key }: GuardedDocument, { before, after }: Change): boolean {
  if (before === undefined || after === undefined) return false;
  return before.data?.[key] === after.data?.[key] && !isFrozen(before, after);
}

/** Whether a ConfigMap can no longer be edited from now on, only deleted. */
function isFrozen(before: ConfigMap | undefined, after: ConfigMap): boolean {
  return after.immutable === true && before?.immutable !== true;
}

interface RulingContext {
  readonly request: AdmissionRequest;
  readonly deps: DocumentGuardDeps;
}

function rulingOn(
  document: GuardedDocument,
  change: Change,
  context: RulingContext,
): Promise<Ruling> | Ruling {
  const { after } = change;
  return after === undefined
    ? onDeletion(document, change, context)
    : onEdit(document, { ...change, after }, context);
}

/**
 * A text that is gone is one that no one can compare a new one with once the replicas have started again. The contents
 * of a namespace that is being deleted go with it.
 */
async function onDeletion(
  document: GuardedDocument,
  change: Change,
  { request, deps }: RulingContext,
): Promise<Ruling> {
  if (deps.isTerminating(document.namespace)) {
    return { outcome: { decision: "allowed", reason: "namespace-ends" }, problems: [] };
  }
  const forbidden = await forbiddenBy(document, { change, text: document.absent ?? "", request });
  if (forbidden !== undefined) return forbidden;
  const gone = `the deletion of ${document.configMap} is refused: a replica that starts without it has nothing to compare the next text with.`;
  return byRight(document, { request, may: deps.may, refusal: gone });
}

async function onEdit(
  document: GuardedDocument,
  change: Change & { readonly after: ConfigMap },
  context: RulingContext,
): Promise<Ruling> {
  const { key } = document;
  const text = change.after.data?.[key] ?? document.absent;
  if (text === undefined) return unusable(document, [], `${key} is missing`);
  const broken = await document.lint(text);
  if (broken.length > 0 && document.unreadable === "refused")
    return unusable(document, broken, listed(key, broken));
  const edit = { change, text, request: context.request };
  const refused = (await ownApproval(document, edit)) ?? (await forbiddenBy(document, edit));
  return refused ?? onSoundEdit(document, { ...edit, broken }, context);
}

/** An edit of a document, and what it comes to. */
interface Edit {
  readonly change: Change;
  readonly text: string;
  readonly request: AdmissionRequest;
}

async function ownApproval(document: GuardedDocument, { text, request }: Edit): Promise<Ruling | undefined> {
  const { configMap, key, ownApprovals } = document;
  const own = await ownApprovals(text, request.userInfo.username);
  if (own.length === 0) return undefined;
  const outcome = { decision: "refused", reason: "own-approval" } as const;
  return { outcome, problems: own, message: `this edit of ${configMap} is refused: ${listed(key, own)}` };
}

/** What requires the right to weaken the document, and nothing else. */
async function onSoundEdit(
  document: GuardedDocument,
  { change, text, broken }: Edit & { readonly broken: readonly Problem[] },
  { request, deps }: RulingContext,
): Promise<Ruling> {
  const { configMap, key } = document;
  const weaker = broken.length > 0 ? broken : await weakeningsOf(document, change, text);
  const problems = [...frozen(change), ...weaker];
  if (problems.length === 0) return { outcome: { decision: "allowed", reason: "as-strict" }, problems };
  const refusal = `this edit of ${configMap} is refused: ${listed(key, problems)}`;
  const { outcome, message } = await byRight(document, { request, may: deps.may, refusal });
  const unread =
    broken.length > 0
      ? `mc-gate: cannot read the edit, ${broken.length} problem(s): ${listed(key, broken)}`
      : undefined;
  return { outcome, problems, message: message ?? unread };
}

function unusable({ configMap }: GuardedDocument, problems: readonly Problem[], why: string): Ruling {
  const message = `the gate cannot use this edit of ${configMap}, so the previous text stays in force: ${why}`;
  return { outcome: { decision: "refused", reason: "unreadable" }, problems, message };
}

/** Compared with the text in force and with the one that the edit replaces: this replica may be behind. */
async function weakeningsOf(
  document: GuardedDocument,
  change: Change,
  text: string,
): Promise<readonly Problem[]> {
  const { inForce, weakenings } = document;
  const found = [
    ...(await weakenings(inForce(), text)),
    ...(await replacedWeakenings(document, change, text)),
  ];
  return [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** What is replaced unread may have been stricter than anything: a later version's, which other replicas go by. */
async function replacedWeakenings(
  { key, inForce, lint, weakenings }: GuardedDocument,
  { operation, before }: Change,
  text: string,
): Promise<readonly Problem[]> {
  if (operation === "CREATE") return [];
  if (before === undefined) return [UNREAD_BEFORE];
  const replaced = before.data?.[key];
  if (replaced === undefined || replaced === inForce()) return [];
  return (await lint(replaced)).length > 0 ? [UNREAD_BEFORE] : weakenings(replaced, text);
}

const UNREAD_BEFORE: Problem = {
  line: 1,
  column: 1,
  path: "",
  rule: "unreadable-before",
  message: "This replica of the gate cannot read the text that it replaces, which may have been stricter.",
};

/** The refusal of what no right permits, by the text that the edit replaces and by the one in force. */
async function forbiddenBy(
  document: GuardedDocument,
  { change, text, request }: Edit,
): Promise<Ruling | undefined> {
  const { configMap, key, inForce, forbidden } = document;
  if (forbidden === undefined) return undefined;
  const befores = [change.before?.data?.[key], inForce()].filter((each) => each !== undefined);
  const found = await forbidden(befores, text, request.userInfo.username);
  if (found.length === 0) return undefined;
  const outcome = { decision: "refused", reason: "forbidden-edit" } as const;
  return { outcome, problems: found, message: `this edit of ${configMap} is refused: ${listed(key, found)}` };
}

function frozen({ before, after }: Change): Problem[] {
  if (after === undefined || !isFrozen(before, after)) return [];
  const message = "It could not be edited any more, so no revocation could be added.";
  return [{ line: 1, column: 1, path: "", rule: "immutable-document", message }];
}

async function byRight(
  { resource, namespace, configMap }: GuardedDocument,
  {
    request,
    may,
    refusal,
  }: { readonly request: AdmissionRequest; readonly may: Authorize; readonly refusal: string },
): Promise<Ruling> {
  const right: EditRight = { verb: "weaken", resource, namespace, name: configMap };
  const missing = await missingRight(request, right, may);
  if (missing === undefined) return { outcome: { decision: "allowed", reason: "by-right" }, problems: [] };
  const outcome = { decision: "refused", reason: missing.reason } as const;
  return { outcome, problems: [], message: `${refusal} ${missing.sentence}` };
}

function aboutOf(
  { resource, key }: GuardedDocument,
  { name, before, after }: Change,
): { readonly resource: string; readonly name: string; readonly from: string; readonly to: string } {
  return { resource, name, from: markOf(before?.data?.[key]), to: markOf(after?.data?.[key]) };
}

function markOf(text: string | undefined): string {
  return text === undefined ? "none" : digestOf(text).slice(0, DIGEST_CHARACTERS);
}

function listed(key: string, problems: readonly Problem[]): string {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ line, column, path, rule, message }) => {
    return `${key}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message} [${rule}]`;
  });
  const more = problems.length - shown.length;
  return `${shown.join(" ")}${more > 0 ? ` And ${more} more.` : ""}`;
}
