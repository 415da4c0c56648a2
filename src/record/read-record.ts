import { basename } from "node:path";

import { canonicalJson, Fault, isMap, readJson } from "../core/index.ts";
import { factDigest, hashOf } from "./chain.ts";
import { bareText, factsOf, hasFormOfRecord } from "./line-parts.ts";
import { ErasedLine, FactLine, RecordLine } from "./schema.ts";

/** Characters of one line: the largest fact, and what is around it. */
export const MAX_LINE = 4 * 1024 * 1024;
const MAX_CHAINS = 4096;
const MAX_PROBLEMS = 100;

/** Something that is wrong with a record. */
export interface RecordProblem {
  readonly file: string;
  /** In the file, from 1. */
  readonly line: number;
  readonly rule:
    | "unreadable-line"
    | "line-too-long"
    | "changed-line"
    | "changed-fact"
    | "changed-name"
    | "missing-lines"
    | "repeated-lines"
    | "missing-fact"
    | "torn-line";
  readonly message: string;
}

/** One chain, as far as it was read. */
export interface ReadChain {
  readonly chain: string;
  /** Number of the first line that is there: what came before 1 < first is not. */
  readonly first: number;
  readonly last: number;
  /** SHA-256 of the last line, which nothing after it vouches for. */
  readonly head: string;
}

/** What came of reading a record. */
export interface RecordReport {
  readonly files: number;
  readonly lines: number;
  readonly decisions: number;
  /** Of the decisions, those of callers that were not verified. */
  readonly unverified: number;
  readonly chains: readonly ReadChain[];
  /** The first 100. */
  readonly problems: readonly RecordProblem[];
  /** How many there are. */
  readonly problemCount: number;
}

/** A line that was read, with its text. */
export interface ReadLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly value: RecordLine | FactLine;
}

interface ChainState {
  first: number;
  number: number;
  hash: string;
}

/**
 * Reads a record line by line: memory is bounded by one line, the chains, and the digests of one file's facts. Lines that
 * belong to no record, as in a log, are passed over.
 */
export class RecordReader {
  readonly #chains = new Map<string, ChainState>();
  readonly #problems: RecordProblem[] = [];
  #facts = new Set<string>();
  /** Whether the file is one of the record's own, and no log, which has no facts. */
  #holdsFacts = false;
  #counts = { files: 0, lines: 0, decisions: 0, unverified: 0, problems: 0 };
  #file = "";
  #line = 0;
  /** The torn line at the end of the file before, which the next file may speak of. */
  #torn: { readonly file: string; readonly bytes: number; readonly line: number } | undefined;

  /** Another file begins: its facts are its own. */
  begin(file: string): void {
    this.#counts.files += 1;
    this.#file = file;
    this.#line = 0;
    this.#facts = new Set();
    this.#holdsFacts = false;
  }

  /** Takes the next line of the file, without its line break. Undefined where it is not part of a record, or unusable. */
  take(text: string): ReadLine | undefined {
    this.#line += 1;
    if (!hasFormOfRecord(text)) return undefined;
    const json = readJson(text);
    const value = isMap(json) && json["msg"] === "facts" ? this.#fact(json) : this.#chained(json, text);
    return value && { file: this.#file, line: this.#line, text, value };
  }

  /** A line is longer than any line of a record. */
  tooLong(): undefined {
    this.#line += 1;
    return this.#tell("line-too-long", `it has more than ${MAX_LINE} characters`);
  }

  /** The file ends in the middle of a line. */
  tornEnd(bytes: number): void {
    this.#line += 1;
    this.#settleTorn();
    this.#torn = { file: this.#file, bytes, line: this.#line };
  }

  /** What was read. */
  end(): RecordReport {
    this.#settleTorn();
    const chains = [...this.#chains].map(([chain, { first, number, hash }]) => ({
      chain,
      first,
      last: number,
      head: hash,
    }));
    const { problems: problemCount, ...counts } = this.#counts;
    return { ...counts, chains, problems: this.#problems, problemCount };
  }

  #fact(json: unknown): FactLine | undefined {
    const { data } = FactLine.safeParse(json);
    if (data === undefined) return this.#tell("unreadable-line", "it is not a fact of a record");
    if (factDigest(canonicalJson(data.value)) !== data.digest)
      return this.#tell("changed-fact", `what it holds has another digest than ${data.digest}`);
    this.#facts.add(data.digest);
    return data;
  }

  #chained(json: unknown, text: string): RecordLine | undefined {
    if (ErasedLine.safeParse(json).success) return undefined;
    const { data, error } = RecordLine.safeParse(json);
    if (data === undefined) {
      const [issue] = error.issues;
      return this.#tell("unreadable-line", `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
    }
    const bare = bareText(text, data);
    if (bare === undefined)
      return this.#tell("changed-name", "the name of its user is not the one that was hashed");
    this.#follow(data, bare);
    this.#counts.lines += 1;
    if (data.msg === "decision") this.#decision(data);
    return data;
  }

  /** Whether a line follows the one before it in its chain. */
  #follow(line: RecordLine, bare: string): void {
    const { chain, number } = line.record;
    const before = this.#chains.get(chain);
    if (line.msg === "record begins") this.#begins(line);
    if (before === undefined) this.#chains.set(chain, { first: number, number, hash: hashOf(bare) });
    else {
      this.#compare(before, line);
      before.number = Math.max(before.number, number);
      before.hash = hashOf(bare);
    }
    if (this.#chains.size > MAX_CHAINS)
      throw new Fault(
        "limits/exceeded",
        `the record has more than ${MAX_CHAINS} chains; read fewer files at once`,
      );
  }

  #compare(before: ChainState, line: RecordLine): void {
    const { chain, number, previous } = line.record;
    const next = before.number + 1;
    if (number > next) {
      const range = number === next + 1 ? `line ${next}` : `lines ${next} to ${number - 1}`;
      const why =
        line.msg === "record begins" && line.lost ? `: could not be written, ${line.lost.because}` : "";
      this.#tell("missing-lines", `${range} of chain ${chain} not here${why}`);
    } else if (number < next)
      this.#tell("repeated-lines", `line ${number} of chain ${chain} is here twice, or out of order`);
    else if (previous !== before.hash)
      this.#tell(
        "changed-line",
        `line ${number - 1} of chain ${chain} is not the one that line ${number} follows`,
      );
  }

  #decision(line: Extract<RecordLine, { readonly msg: "decision" }>): void {
    this.#counts.decisions += 1;
    if (line.caller === "unverified") this.#counts.unverified += 1;
    if (!line.replayable || !this.#holdsFacts) return;
    const missing = factsOf(line).find((digest) => !this.#facts.has(digest));
    if (missing !== undefined)
      this.#tell("missing-fact", `it rests on the fact ${missing}, which is not before it in the file`);
  }

  #begins({ file, torn }: Extract<RecordLine, { readonly msg: "record begins" }>): void {
    this.#settleTorn(torn);
    if (file === basename(this.#file)) this.#holdsFacts = true;
  }

  #settleTorn(told?: { readonly file: string; readonly bytes: number }): void {
    const torn = this.#torn;
    this.#torn = undefined;
    if (torn === undefined || (told?.file === basename(torn.file) && told.bytes === torn.bytes)) return;
    this.#add({
      ...torn,
      rule: "torn-line",
      message: "the file ends in the middle of a line, and no later one says so",
    });
  }

  #tell(rule: RecordProblem["rule"], message: string): undefined {
    this.#add({ file: this.#file, line: this.#line, rule, message });
  }

  #add({ file, line, rule, message }: RecordProblem): void {
    this.#counts.problems += 1;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ file, line, rule, message });
  }
}
