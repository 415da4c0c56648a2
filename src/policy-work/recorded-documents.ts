import { createBoundedMap, type Parsed } from "../core/index.ts";
import { type Enforcement, NO_SWITCHES, parseEnforcement } from "../enforcement/index.ts";
import { parsePolicy, type Policy } from "../policy/index.ts";
import type { DecisionLine, FactLine, RecordLine } from "../record/index.ts";
import { NO_REVOCATIONS, parseRevocations, type Revocations } from "../revocations/index.ts";
import { NO_WAIVERS, parseWaivers, type WaiverRegistry } from "../waivers/index.ts";
import { type FactOf, NotReplayable } from "./recorded-reads.ts";

/** Parsed documents of each kind that are kept. */
const MAX_PARSED = 32;

type DocumentLine = Extract<RecordLine, { readonly msg: "document" }>;
type Documents = NonNullable<DecisionLine["basis"]>["documents"];

/** The facts of one file of a record, and the documents that they hold. Memory is bounded by the file. */
export class RecordedFacts {
  #values = new Map<string, unknown>();
  #documents = new Map<string, string>();
  readonly #policies = createBoundedMap<Parsed<Policy>>(MAX_PARSED);
  readonly #waivers = createBoundedMap<Parsed<WaiverRegistry>>(MAX_PARSED);
  readonly #revocations = createBoundedMap<Parsed<Revocations>>(MAX_PARSED);
  readonly #enforcement = createBoundedMap<Parsed<Enforcement>>(MAX_PARSED);

  /** Another file begins: its facts are its own. */
  begin(): void {
    this.#values = new Map();
    this.#documents = new Map();
  }

  add({ digest, value }: FactLine): void {
    this.#values.set(digest, value);
  }

  inForce({ digest, facts }: DocumentLine): void {
    this.#documents.set(digest, facts);
  }

  /** The value of a fact. Throws NotReplayable where it is not in the file. */
  readonly valueOf: FactOf = (digest) => {
    const value = this.#values.get(digest);
    if (value === undefined) throw new NotReplayable(`its fact ${digest} is not in the file`);
    return value;
  };

  /** Throws NotReplayable where there was none, or its text is not in the file. */
  policy({ policy }: Documents): Policy {
    if (policy === undefined) throw new NotReplayable("no policy was in force");
    return this.#parsed(policy, this.#policies, parsePolicy);
  }

  /** None where there was none. Throws NotReplayable where its text is not in the file. */
  waivers({ waivers }: Documents): WaiverRegistry {
    return waivers === undefined ? NO_WAIVERS : this.#parsed(waivers, this.#waivers, parseWaivers);
  }

  revocations({ revocations }: Documents): Revocations {
    return revocations === undefined
      ? NO_REVOCATIONS
      : this.#parsed(revocations, this.#revocations, parseRevocations);
  }

  enforcement({ enforcement }: Documents): Enforcement {
    return enforcement === undefined
      ? NO_SWITCHES
      : this.#parsed(enforcement, this.#enforcement, parseEnforcement);
  }

  #parsed<T>(
    digest: string,
    known: ReturnType<typeof createBoundedMap<Parsed<T>>>,
    parse: (text: string) => Parsed<T>,
  ): T {
    const parsed = known.get(digest) ?? parse(this.#textOf(digest));
    known.set(digest, parsed);
    if (!parsed.ok)
      throw new NotReplayable(`this version does not accept the document ${digest} that was in force`);
    return parsed.value;
  }

  #textOf(digest: string): string {
    const fact = this.#documents.get(digest);
    if (fact === undefined)
      throw new NotReplayable(`the document ${digest} that was in force is not in the file`);
    return (this.valueOf(fact) as { readonly text: string }).text;
  }
}
