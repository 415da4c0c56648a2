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
  readonly onAccepted?: (value: T) => void;
}

/** Keeps the last good version of a document that people edit. */
export function createLastGood<T>({ parse, now, onAccepted }: LastGoodOptions<T>): LastGood<T> {
  let value: T | undefined;
  let accepted: string | undefined;
  let status: DocumentStatus = { acceptedAt: undefined, problems: [], digest: undefined, generation: 0 };
  const accept = (text: string, parsed: Parsed<T>): readonly Problem[] => {
    if (!parsed.ok) {
      status = { ...status, problems: parsed.problems };
      return parsed.problems;
    }
    const isNew = text !== accepted;
    value = parsed.value;
    accepted = text;
    status = {
      acceptedAt: now(),
      problems: [],
      digest: isNew ? digestOf(text) : status.digest,
      generation: status.generation + (isNew ? 1 : 0),
    };
    if (isNew) onAccepted?.(parsed.value);
    return [];
  };
  return {
    current: () => value,
    status: () => status,
    text: () => accepted,
    accept,
    gone: () => {
      status = { ...status, problems: [GONE] };
    },
    offer: (text) => accept(text, parse(text)),
  };
}
