import type { Parsed, Problem } from "../../core/index.ts";

/** What is known of a document at this moment. */
export interface DocumentStatus {
  /** When the text in force was accepted; undefined until one was. */
  readonly acceptedAt: Date | undefined;
  /** What is wrong with the newest text; empty while the newest is the one in force. */
  readonly problems: readonly Problem[];
}

/** A document of which the last good text stays in force, whatever comes after it. */
export interface InForce<T> {
  readonly current: () => T | undefined;
  readonly status: () => DocumentStatus;
  /** The text in force. */
  readonly text: () => string | undefined;
  /** Takes a new text; puts it in force where it parses, else keeps what was. Returns what is wrong with it. */
  readonly offer: (text: string) => readonly Problem[];
  /** The same with a text that was read already. */
  readonly accept: (text: string, parsed: Parsed<T>) => readonly Problem[];
}

/** What an in-force document is made of. */
export interface InForceOptions<T> {
  readonly parse: (text: string) => Parsed<T>;
  readonly now: () => Date;
  /** Called once per accepted text that differs from the one before. */
  readonly onAccepted?: (value: T) => void;
}

/** Keeps the last good version of a document that people edit. */
export function createInForce<T>({ parse, now, onAccepted }: InForceOptions<T>): InForce<T> {
  let value: T | undefined;
  let accepted: string | undefined;
  let status: DocumentStatus = { acceptedAt: undefined, problems: [] };
  const accept = (text: string, parsed: Parsed<T>): readonly Problem[] => {
    if (!parsed.ok) {
      status = { ...status, problems: parsed.problems };
      return parsed.problems;
    }
    const isNew = text !== accepted;
    value = parsed.value;
    accepted = text;
    status = { acceptedAt: now(), problems: [] };
    if (isNew) onAccepted?.(parsed.value);
    return [];
  };
  return {
    current: () => value,
    status: () => status,
    text: () => accepted,
    accept,
    offer: (text) => accept(text, parse(text)),
  };
}
