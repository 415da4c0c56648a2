import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";

import { parseJson } from "../../../src/core/index.ts";
import { jsonTexts, writtenJson } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const VALID: readonly unknown[] = [
  { kind: "Pod", spec: { containers: [{ name: "a", image: "b" }] } },
  { '"': 1, "\\": [], "a\nb": { "\u00e9": null, "": -0.5 } },
  [1, "2", true, null, { a: [{ a: [] }] }],
];

/** A text, and the colon after it where it is a key. */
const STRING = /("(?:[^"\\]|\\.)*")([\t\n\r ]*:)?/g;

/** Few characters, so that keys meet again and again with different escapes: that is what V8 stumbles over. */
const KEY = fc.string({
  unit: fc.constantFrom("a", "u", "0", '"', "\\", "\n", "/", "\u00e9"),
  maxLength: 5,
});
const { value: ALIKE } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 0 }),
    KEY,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(KEY, tie("value"), { maxKeys: 4 }),
  ),
}));

interface Written {
  /** Read before, since V8 misreads keys because of what it has read. */
  readonly before: string;
  readonly text: string;
}

/** The reader of JSON: SyntaxError or a value, the value that stands there, whatever was read before. */
export function open(): AnyTarget {
  const values = fc.oneof({ weight: 3, arbitrary: ALIKE }, mutatedValues(VALID, 8), fc.jsonValue());
  return target<Written, unknown>({
    inputs: fc.record({ before: writtenJson(values), text: jsonTexts(values) }),
    call: ({ before, text }) => {
      parseJson(before);
      return parseJson(text);
    },
    mayThrow: (error) => error instanceof SyntaxError,
    check: (value, { text }) => {
      const again = parseJson(JSON.stringify(value));
      hold(isDeepStrictEqual(keysIn(again), keysIn(value)), "written again it reads as something else");
      hold(isDeepStrictEqual(keysIn(keyByKey(text)), keysIn(value)), "its keys are not those of the text");
    },
  });
}

/** Read with every key replaced by one that V8 cannot take for another. */
function keyByKey(text: string): unknown {
  const names: string[] = [];
  const plain = text.replaceAll(STRING, (whole, quoted: string, colon: string | undefined) =>
    colon === undefined ? whole : `"k${names.push(quoted) - 1}":`,
  );
  return JSON.parse(plain, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const fields = Object.entries(value).map(
      ([key, each]) => [nameOf(names[Number(key.slice(1))]!), each] as const,
    );
    return Object.fromEntries(fields);
  });
}

function nameOf(quoted: string): string {
  return (JSON.parse(`[${quoted}]`) as [string])[0];
}

/** Keys in their order, and __proto__, which deep equality passes over. Numbers as they are written: 1e999 is null. */
function keysIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keysIn);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== "object" || value === null) return value;
  return { fields: Object.entries(value).map(([key, each]) => [key, keysIn(each)]) };
}
