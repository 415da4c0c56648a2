import {
  canonicalJson,
  createBoundedMap,
  type Digest,
  digestOf,
  Fault,
  parseJson,
  type Subject,
  type TrustSnapshot,
} from "../core/index.ts";
import type { VerdictBasis } from "../gate/index.ts";
import { factDigest } from "./chain.ts";

/** Characters of one fact; a larger one is not kept, and what rests on it cannot be replayed. */
export const MAX_FACT = 1024 * 1024;
/** Images, facts and approvals of one decision. */
const MAX_ENTRIES = 64;
const MAX_QUESTIONS = 256;

/** What a fact is about. */
export const FACT_TYPES = ["evidence", "contents", "trust", "approval", "document"] as const;
/** One of FACT_TYPES. */
export type FactType = (typeof FACT_TYPES)[number];

/** Something that decisions rest on, under its digest: it is kept once for many of them. */
export interface Fact {
  readonly type: FactType;
  /** SHA-256 of its text. */
  readonly digest: Digest;
  /** Characters of its text. */
  readonly length: number;
  /** Canonical JSON (RFC 8785), made when it is asked for: ten thousand images have hundreds of megabytes of it. */
  readonly text: () => string;
}

/** What of a decision is needed to judge it again, as fields of its line, and the facts that these name. */
export interface RecordedBasis {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly facts: readonly Fact[];
}

/** The digest of a document that a snapshot holds; undefined for one that has none, such as an empty list. */
export type DigestOfDocument = (document: object) => Digest | undefined;

/**
 * What a verdict was made by. Where that is more than is kept, or facts are kept nowhere, it says why a replay cannot judge it
 * again: `unkept` is the reason that holds for all decisions.
 */
export function recordedBasis(
  basis: VerdictBasis | undefined,
  {
    digestOfDocument,
    unkept,
  }: { readonly digestOfDocument: DigestOfDocument; readonly unkept?: string | undefined },
): RecordedBasis {
  if (basis === undefined)
    return { fields: notReplayable("it is a fault that came before any judging"), facts: [] };
  const facts = new FactList();
  const fields = { ...circumstancesOf(basis, digestOfDocument, facts), ...readings(basis, facts) };
  const because = unkept ?? facts.missing[0];
  return {
    fields: { basis: fields, ...(because === undefined ? { replayable: true } : notReplayable(because)) },
    facts: facts.list,
  };
}

/** What it was judged by in addition to what was read. */
function circumstancesOf(basis: VerdictBasis, digestOfDocument: DigestOfDocument, facts: FactList): object {
  const { snapshot, subjects, mode } = basis;
  return {
    at: snapshot.now.toISOString(),
    askedMode: mode,
    documents: documentsIn(basis, digestOfDocument),
    trust: snapshot.trust instanceof Fault ? faultOf(snapshot.trust) : facts.add(trustFact(snapshot.trust)),
    subjects: facts.first("images", subjects).map(subjectOf),
  };
}

/** What was read: nothing in it depends on documents or modes. */
function readings({ snapshot, facts: read }: VerdictBasis, facts: FactList): object {
  const { tags, contents, evidence, approvals } = read;
  return {
    ...(tags.length > 0 && {
      tags: facts.first("tags", tags).map(([tag, outcome]) => ({
        tag,
        ...("fault" in outcome ? faultOf(outcome.fault) : { digest: outcome.value ?? null }),
      })),
    }),
    ...(contents.length > 0 && {
      contents: facts.first("contents of images", contents).map(([image, outcome]) => ({
        image,
        ...("fault" in outcome ? faultOf(outcome.fault) : facts.maybe("contents", outcome.value)),
      })),
    }),
    evidence: facts.first("pieces of evidence", evidence).map(({ image, wants, outcome, isThorough }) => ({
      image,
      wants: questionOf(wants),
      ...(isThorough && { thorough: true }),
      ...("fault" in outcome ? faultOf(outcome.fault) : evidenceOf(outcome.value, snapshot.now, facts)),
    })),
    ...(approvals.length > 0 && {
      approvals: facts.first("approvals", approvals).map(([approval, outcome]) => ({
        approval: approvalKey(approval),
        ...("fault" in outcome ? faultOf(outcome.fault) : facts.maybe("approval", outcome.value)),
      })),
    }),
  };
}

const isoTexts = new WeakMap<Date, string>();

/** The text of an instant that many decisions name; made once for each. */
function isoOf(date: Date): string {
  const known = isoTexts.get(date);
  if (known !== undefined) return known;
  const text = date.toISOString();
  isoTexts.set(date, text);
  return text;
}

function notReplayable(because: string): Readonly<Record<string, unknown>> {
  return { replayable: false, notReplayableBecause: because };
}

type Evidence = Extract<
  VerdictBasis["facts"]["evidence"][number]["outcome"],
  { readonly value: unknown }
>["value"];

function evidenceOf({ evidence, isOfOthers, staleBecause }: Evidence, at: Date, facts: FactList): object {
  const { collectedAt, trustGeneration } = evidence;
  return {
    facts: facts.add(evidenceFact(evidence)),
    collectedAt: isoOf(collectedAt),
    ageMs: at.getTime() - collectedAt.getTime(),
    trustGeneration,
    ...(isOfOthers && { ofOthers: true }),
    ...(staleBecause !== undefined && { stale: faultOf(staleBecause).fault }),
  };
}

function documentsIn({ snapshot }: VerdictBasis, digestOfDocument: DigestOfDocument): object {
  const { documents, revocations, waivers, enforcement } = snapshot;
  return {
    ...(!(documents instanceof Fault) && { policy: digestOfDocument(documents.policy) }),
    ...(revocations && { revocations: digestOfDocument(revocations) }),
    waivers: digestOfDocument(waivers),
    enforcement: digestOfDocument(enforcement),
  };
}

function faultOf({ code, message, advice }: Fault): { readonly fault: object } {
  return { fault: { code, message, ...(advice && { advice }) } };
}

function subjectOf({ image, place, advice }: Subject): Subject {
  return { image, place, ...(advice !== undefined && { advice }) };
}

/** Under which the proof of an approval is looked up: equal for the same signed text and the same bundle. */
export function approvalKey({
  bundle = "",
  signs = "",
}: {
  readonly bundle?: string | undefined;
  readonly signs?: string | undefined;
}): Digest {
  return digestOf(`${digestOf(bundle)} ${digestOf(signs)}`);
}

const questions = createBoundedMap<unknown>(MAX_QUESTIONS);

/** What the rules asked of evidence: predicate types, those whose text they read, and whether a part would do. */
function questionOf(wants: string): unknown {
  const known = questions.get(wants);
  if (known !== undefined) return known;
  const [predicateTypes, predicateTexts, acceptsPartial] = parseJson(wants) as unknown[];
  const question = { predicateTypes, predicateTexts, acceptsPartial };
  questions.set(wants, question);
  return question;
}

/** A thousand decisions rest on the same evidence: its digest is made once. */
const made = new WeakMap<object, Fact>();

function factOf(type: FactType, value: object, text: () => string): Fact {
  const known = made.get(value);
  if (known !== undefined) return known;
  const json = text();
  const fact = { type, digest: factDigest(json), length: json.length, text };
  made.set(value, fact);
  return fact;
}

/** A fact that is asked for at once. */
function shortFact(type: FactType, json: string): Fact {
  return { type, digest: factDigest(json), length: json.length, text: () => json };
}

/** Without when it was collected, and by which trust material: the same evidence collected again is the same fact. */
function evidenceFact(evidence: Evidence["evidence"]): Fact {
  return factOf("evidence", evidence, () => {
    const { collectedAt: _, trustGeneration: __, ...rest } = evidence;
    return canonicalJson(plain(rest));
  });
}

function trustFact(trust: TrustSnapshot): Fact {
  return factOf("trust", trust, () => {
    const { generation, keys } = trust;
    const roots = trust.roots.map(({ trustedRoot, ...root }) => ({ ...root, digest: digestOf(trustedRoot) }));
    return canonicalJson(plain({ generation, roots, keys }));
  });
}

/** A document's text as a fact. */
export function documentFact(name: string, text: string): Fact {
  return shortFact("document", canonicalJson({ name, text }));
}

/** Dates as text. */
function plain(value: unknown): unknown {
  return parseJson(JSON.stringify(value));
}

/** The facts of one decision, and what is not among them. */
class FactList {
  readonly list: Fact[] = [];
  readonly missing: string[] = [];

  /** The digest of a fact that is kept, or undefined where it is too large. */
  add(fact: Fact): Digest {
    if (fact.length > MAX_FACT)
      this.missing.push(
        `a fact of type ${fact.type} has ${fact.length} characters, and ${MAX_FACT} are kept`,
      );
    else this.list.push(fact);
    return fact.digest;
  }

  maybe(type: FactType, value: object | string | undefined): { readonly facts: Digest | null } {
    if (value === undefined) return { facts: null };
    const json = (): string => canonicalJson(plain(value));
    if (typeof value === "object") return { facts: this.add(factOf(type, value, json)) };
    return { facts: this.add(shortFact(type, json())) };
  }

  first<T>(what: string, entries: readonly T[]): readonly T[] {
    if (entries.length <= MAX_ENTRIES) return entries;
    this.missing.push(`it has ${entries.length} ${what}, and ${MAX_ENTRIES} are kept`);
    return entries.slice(0, MAX_ENTRIES);
  }
}
