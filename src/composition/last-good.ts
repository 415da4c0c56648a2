import { type Digest, digestOf, type Parsed, type Problem } from "../core/index.ts";

const GONE: Problem = { line: 1, column: 1, path: "", rule: "absent", message: "The document is absent." };

/** What is known of a document at this moment. */
export interface DocumentStatus {
  /** When the text in force was accepted; undefined until one was. */
  readonly acceptedAt: Date | undefined;
  /** What is wrong with the newest text; empty while the newest is the one in force. */
  readonly problems: readonly Problem[];
  /** Digest of the text in force; undefined until one was accepted. */
  readonly digest: Digest | undefined;
  /** How many texts were put in force, without repetitions of the one before; 0 until one was accepted. */
  readonly generation: number;
}

/** A document whose last good text stays in force, whatever comes after it. */
export interface LastGood<T> {
  readonly current: () => T | undefined;
  /** Digest of the text that a value was read from; undefined for one that was never in force. */
  readonly digestOf: (value: T & object) => Digest | undefined;
  readonly status: () => DocumentStatus;
  /** The text in force. */
  readonly text: () => string | undefined;
  /** Takes a new text; puts it in force where it parses, else keeps what was. Returns what is wrong with it. */
  readonly offer: (text: string) => readonly Problem[];
  /** The same with a text that was read already. */
  readonly accept: (text: string, parsed: Parsed<T>) => readonly Problem[];
  /** Takes note that there is no text any more; what was in force stays, and that is a problem. */
  readonly gone: () => void;
}

export interface LastGoodOptions<T> {
  readonly parse: (text: string) => Parsed<T>;
  readonly now: () => Date;
  /** Called once per accepted text that differs from the one before. */
  readonly onAccepted?: (value: T, text: AcceptedText) => void;
}

/** A text that has come into force. */
export interface AcceptedText {
  readonly text: string;
  readonly digest: Digest;
  readonly acceptedAt: Date;
}

/** Keeps the last good version of a document that people edit. */
export function createLastGood<T>({ parse, now, onAccepted }: LastGoodOptions<T>): LastGood<T> {
  let value: T | undefined;
  let accepted: string | undefined;
  const digests = new WeakMap<object, Digest>();
  let status: DocumentStatus = { acceptedAt: undefined, problems: [], digest: undefined, generation: 0 };
  const accept = (text: string, parsed: Parsed<T>): readonly Problem[] => {
    if (!parsed.ok) {
      status = { ...status, problems: parsed.problems };
      return parsed.problems;
    }
    const isNew = text !== accepted;
    const digest = isNew || status.digest === undefined ? digestOf(text) : status.digest;
    const acceptedAt = now();
    value = parsed.value;
    accepted = text;
    status = { acceptedAt, problems: [], digest, generation: status.generation + (isNew ? 1 : 0) };
    if (typeof parsed.value === "object" && parsed.value !== null) digests.set(parsed.value, digest);
    if (isNew) onAccepted?.(parsed.value, { text, digest, acceptedAt });
    return [];
  };
  return {
    current: () => value,
    digestOf: (known) => digests.get(known),
    status: () => status,
    text: () => accepted,
    accept,
    gone: () => {
      status = { ...status, problems: [GONE] };
    },
    offer: (text) => accept(text, parse(text)),
  };
}
