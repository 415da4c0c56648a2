/** One thing that is wrong with a document that a person wrote. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `rules[0].images[1]`; empty for the whole document. */
  readonly path: string;
  /** Stable name of the broken rule, kebab-case: `unknown-key`, `duplicate-key`, `unanchored-pattern`. */
  readonly rule: string;
  /** What is wrong and what to write instead, one sentence. */
  readonly message: string;
}

/** A parsed document, or everything that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };
