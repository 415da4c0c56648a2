import * as fc from "fast-check";

const SCALE = 2 ** 20;

/** One change of a text, at a place that is a fraction of its length. */
interface Edit {
  readonly kind: keyof typeof EDITS;
  readonly at: number;
  readonly length: number;
  readonly times: number;
  readonly token: string;
}

type Apply = (text: string, at: number, edit: Edit) => string;

/** Every kind of edit. */
const EDITS = {
  insert: (text, at, { token }) => text.slice(0, at) + token + text.slice(at),
  flood: (text, at, { token, times }) => text.slice(0, at) + token.repeat(times) + text.slice(at),
  remove: (text, at, { length }) => text.slice(0, at) + text.slice(at + length),
  double: (text, at, { length, times }) => {
    const part = text.slice(at, at + length);
    return text.slice(0, at) + part.repeat(1 + (times % 30)) + text.slice(at);
  },
  over: (text, at, { token }) => text.slice(0, at) + token + text.slice(at + token.length),
  cut: (text, at) => text.slice(0, at),
  swap: (text, at, { length }) =>
    text.slice(0, at) +
    text.slice(at + length, at + 2 * length) +
    text.slice(at, at + length) +
    text.slice(at + 2 * length),
  case: (text, at, { length }) =>
    text.slice(0, at) + text.slice(at, at + length).toUpperCase() + text.slice(at + length),
} satisfies Record<string, Apply>;

/** Texts with up to four edits; `tokens` are what the language is made of. Never longer than `most` characters. */
export function editedTexts(
  texts: fc.Arbitrary<string>,
  tokens: readonly string[],
  most: number,
): fc.Arbitrary<string> {
  const edit: fc.Arbitrary<Edit> = fc.record({
    kind: fc.constantFrom(...(Object.keys(EDITS) as (keyof typeof EDITS)[])),
    at: fc.nat({ max: SCALE }),
    length: fc.nat({ max: 40 }),
    times: fc.nat({ max: 1000 }),
    token: fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: "binary", maxLength: 3 })),
  });
  return fc
    .tuple(texts, fc.array(edit, { maxLength: 4 }))
    .map(([text, edits]) => edits.reduce(edited, text).slice(0, most));
}

function edited(text: string, edit: Edit): string {
  const apply: Apply = EDITS[edit.kind];
  return apply(text, Math.floor((edit.at / SCALE) * text.length), edit);
}

/** Texts of nothing but tokens, one after another. */
export function tokenSoup(tokens: readonly string[], most = 200): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...tokens), fc.string({ maxLength: 4 })), { maxLength: most })
    .map((parts) => parts.join(""));
}
