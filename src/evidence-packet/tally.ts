import { Fault } from "../core/index.ts";
import { type DecisionLine, factsOf, type RecordLine } from "../record/index.ts";
import type { PacketWindow } from "./ports.ts";

/** Images, codes and waivers that are listed one by one. */
const MAX_LISTED = 20_000;
/** Refusals and events that are listed one by one; all of them are lines of the record. */
const MAX_EVENTS = 2_000;
const MAX_FACTS = 1_000_000;
const MAX_NAMESPACES = 50;
const IN_WORDS = "more are in the record's lines";

type Verdict = DecisionLine["decision"];

/** Decisions by verdict, those of callers that did not prove to be the API server apart. */
export interface Counts {
  readonly verified: Record<Verdict, number>;
  readonly unverified: Record<Verdict, number>;
}

/** What was decided about one digest. */
export interface ImageTally extends Counts {
  readonly digest: string;
  readonly image: string;
  readonly namespaces: string[];
  readonly first: string;
  last: string;
}

/** How often something was used. */
export interface UseTally {
  decisions: number;
  readonly first: string;
  last: string;
}

/** A version of a document. */
export interface DocumentTally {
  readonly document: string;
  readonly digest: string;
  readonly fact: string;
  readonly acceptedAt: string;
  readonly firstTime: number;
  lastTime: number;
  readonly chains: string[];
}

/** Something that happened, for the timeline. */
export interface TimelineEvent {
  readonly at: string;
  readonly what: string;
  readonly detail: string;
}

/** Counts the lines of a record that are in a window. Memory is bounded by what it lists, which is bounded. */
export class Tally {
  readonly counts: Counts = noCounts();
  readonly out = { otherTimes: 0, otherNamespaces: 0 };
  readonly images = new Map<string, ImageTally>();
  readonly codes = new Map<string, number>();
  readonly waivers = new Map<string, UseTally>();
  readonly switches = new Map<string, UseTally>();
  readonly days = new Map<string, Counts>();
  readonly refused: object[] = [];
  readonly events: TimelineEvent[] = [];
  readonly facts = new Set<string>();
  /** What lists leave out, by list. */
  readonly omitted: Record<string, number> = {};
  readonly reasons = new Map<string, number>();
  dryRuns = 0;
  guarded = 0;
  syncs = 0;
  written = 0;
  /** Facts that decisions rest on, and no file holds. */
  lacking = 0;
  readonly #documents = new Map<string, DocumentTally>();
  readonly #window: PacketWindow;

  constructor(window: PacketWindow) {
    this.#window = window;
  }

  /** Whether a line belongs to the packet; counts it in either case. */
  take(line: RecordLine): boolean {
    if (line.msg === "document") this.#document(line);
    const isIn = isInWindow(line, this.#window);
    if (line.msg === "decision") return this.#decision(line, isIn);
    if (!isIn || !isOfNamespace(line, this.#window)) return false;
    this.written += 1;
    this.#event(line);
    return true;
  }

  /** Versions that were in force in the window: those that came into force in it, and the last one before it of each document. */
  documents(): DocumentTally[] {
    const { since } = this.#window;
    const all = [...this.#documents.values()].toSorted((a, b) => a.firstTime - b.firstTime);
    const before = new Map(
      all.filter(({ firstTime }) => firstTime < since.getTime()).map((each) => [each.document, each]),
    );
    return all.filter((each) => each.lastTime >= since.getTime() || before.get(each.document) === each);
  }

  #decision(line: DecisionLine, isIn: boolean): boolean {
    if (!isIn) this.out.otherTimes += 1;
    else if (!isOfNamespace(line, this.#window)) this.out.otherNamespaces += 1;
    else {
      this.written += 1;
      this.#count(line);
      return true;
    }
    return false;
  }

  #count(line: DecisionLine): void {
    const { caller, decision, dryRun } = line;
    const at = instantOf(line);
    this.counts[caller][decision] += 1;
    const day = this.#listed("days", this.days, at.slice(0, 10), noCounts);
    if (day !== undefined) day[caller][decision] += 1;
    if (dryRun) this.dryRuns += 1;
    else this.#images(line, at);
    this.#uses(line, at);
    if (decision !== "allow") this.#objections(line, at);
    if (!line.replayable)
      add(this.reasons, (line.notReplayableBecause ?? "no reason is recorded").slice(0, 300));
    for (const digest of factsOf(line)) this.#fact(digest);
  }

  #uses({ waivers, switches = [] }: DecisionLine, at: string): void {
    for (const id of waivers) this.#use("waivers", this.waivers, id, at);
    for (const id of switches) this.#use("switches", this.switches, id, at);
  }

  #objections(line: DecisionLine, at: string): void {
    for (const code of line.codes) add(this.codes, code);
    if (line.decision === "deny") this.#refusal(line, at);
  }

  #images({ caller, decision, digests, images, namespace }: DecisionLine, at: string): void {
    for (const digest of digests) {
      const named = images.find((each) => each.endsWith(`@${digest}`));
      const image = named ?? (images.length === 1 ? images[0]! : "");
      const first = { digest, image, namespaces: [], first: at, last: at };
      const known = this.#listed("images", this.images, digest, () => ({ ...noCounts(), ...first }));
      if (known === undefined) continue;
      known[caller][decision] += 1;
      if (at > known.last) known.last = at;
      if (known.namespaces.length < MAX_NAMESPACES && !known.namespaces.includes(namespace))
        known.namespaces.push(namespace);
    }
  }

  #use(list: string, uses: Map<string, UseTally>, id: string, at: string): void {
    const known = this.#listed(list, uses, id, () => ({ decisions: 0, first: at, last: at }));
    if (known === undefined) return;
    known.decisions += 1;
    if (at > known.last) known.last = at;
  }

  #refusal(line: DecisionLine, at: string): void {
    if (this.refused.length >= MAX_EVENTS) return this.#omit("refusals");
    const { uid, namespace, kind, name, images, codes, caller, dryRun, message } = line;
    this.refused.push({ at, uid, namespace, kind, name, images, codes, caller, dryRun, message });
  }

  #fact(digest: string): void {
    if (this.facts.size >= MAX_FACTS)
      throw new Fault(
        "limits/exceeded",
        `the decisions rest on more than ${MAX_FACTS} facts; export a shorter window`,
      );
    this.facts.add(digest);
  }

  #document(line: Extract<RecordLine, { readonly msg: "document" }>): void {
    if (line.time >= this.#window.until.getTime()) return;
    const { document, digest, facts: fact, acceptedAt, time, record } = line;
    const known = this.#listed("documents", this.#documents, `${document} ${digest}`, () => ({
      document,
      digest,
      fact,
      acceptedAt,
      firstTime: time,
      lastTime: time,
      chains: [],
    }));
    if (known === undefined) return;
    known.lastTime = Math.max(known.lastTime, time);
    if (!known.chains.includes(record.chain) && known.chains.length < 50) known.chains.push(record.chain);
  }

  #event(line: Exclude<RecordLine, DecisionLine>): void {
    if (line.msg === "guard decision") this.guarded += 1;
    if (line.msg === "sync") this.syncs += 1;
    if (line.msg === "sync" || (line.msg === "record begins" && line.why === "rotation")) return;
    if (this.events.length >= MAX_EVENTS) return this.#omit("events");
    this.events.push({ at: instantOf(line), what: line.msg, detail: detailOf(line) });
  }

  #listed<T>(list: string, map: Map<string, T>, key: string, make: () => T): T | undefined {
    const known = map.get(key);
    if (known !== undefined) return known;
    if (map.size >= MAX_LISTED) {
      this.#omit(list);
      return undefined;
    }
    const made = make();
    map.set(key, made);
    return made;
  }

  #omit(list: string): void {
    this.omitted[list] = (this.omitted[list] ?? 0) + 1;
  }
}

/** How a list that leaves something out says so. */
export function omission(omitted: Readonly<Record<string, number>>): string[] {
  return Object.entries(omitted).map(
    ([list, count]) => `${list}: ${count} not listed one by one; ${IN_WORDS}`,
  );
}

/** By the time that the line itself states. */
function isInWindow({ time }: { readonly time: number }, { since, until }: PacketWindow): boolean {
  return time >= since.getTime() && time < until.getTime();
}

function isOfNamespace(line: RecordLine, { namespace }: PacketWindow): boolean {
  if (namespace === undefined || (line.msg !== "decision" && line.msg !== "sync")) return true;
  return line.namespace === namespace;
}

function instantOf({ time }: { readonly time: number }): string {
  return new Date(time).toISOString();
}

function detailOf(line: Exclude<RecordLine, DecisionLine>): string {
  switch (line.msg) {
    case "guard decision":
      return `${line.decision}: ${line.operation} of ${line.resource} ${line.name} (${line.reason}), caller ${line.caller}`;
    case "document":
      return `${line.document} ${line.digest} in force in ${line.record.chain} since ${line.acceptedAt}`;
    case "record begins":
      return `${line.record.chain}: ${line.why}, version ${line.build}${line.lost ? `; ${line.lost.lines} lines before it are in no file: ${line.lost.because}` : ""}`;
    case "record removed":
      return `${line.file} was removed: ${line.because}`;
    case "switch":
      return `${line.change}: ${line.scope}, by ${line.by} until ${line.until} (${line.ticket}: ${line.reason})`;
    case "sync":
      return line.application;
  }
}

function noCounts(): Counts {
  return { verified: { allow: 0, warn: 0, deny: 0 }, unverified: { allow: 0, warn: 0, deny: 0 } };
}

function add(counts: Map<string, number>, key: string): void {
  if (counts.has(key) || counts.size < MAX_LISTED) counts.set(key, (counts.get(key) ?? 0) + 1);
}
