import * as fc from "fast-check";

import { editedTexts, tokenSoup } from "./edited-texts.ts";

/** What JSON is made of, and what comes close to it. */
const TOKENS: readonly string[] = [
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  '"',
  "\\",
  "\\u0000",
  "\\ud800",
  "\\u0061",
  "null",
  "true",
  "-",
  "1e999",
  "0.1",
  "NaN",
  "//",
  " ",
  "\n",
  "\t",
  "\u2028",
  "\ufeff",
  '"":',
  '"a":1,',
  '"__proto__":{},',
  "{}",
  "[]",
  "'",
];

const STYLES: readonly ((value: unknown) => string)[] = [
  (value) => text(value),
  (value) => text(value, 1),
  (value) => text(value).replaceAll(/"(?:[^"\\]|\\.)*"/g, escaped),
  (value) => text(value).replace("{", '{"image":"registry.example/acme/app",'),
  (value) => text(value).replaceAll('":', '"\t:\r\n'),
];

/** These values as JSON in several styles, each with up to four edits of its text; and texts that are none of them. */
export function jsonTexts(values: fc.Arbitrary<unknown>, most = 64 * 1024): fc.Arbitrary<string> {
  const written = writtenJson(values);
  return fc.oneof(
    { weight: 8, arbitrary: written.map((each) => each.slice(0, most)) },
    { weight: 4, arbitrary: editedTexts(written, TOKENS, most) },
    { weight: 1, arbitrary: tokenSoup(TOKENS) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  );
}

/** These values as JSON in several styles: compact, indented, escaped, with a key that stands twice, with spaces. */
export function writtenJson(values: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.tuple(values, fc.nat({ max: STYLES.length - 1 })).map(([value, style]) => STYLES[style]!(value));
}

/** The same as bytes, some of which are no UTF-8. */
export function jsonBytes(values: fc.Arbitrary<unknown>, most = 64 * 1024): fc.Arbitrary<Uint8Array> {
  const hit = fc.option(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { freq: 6, nil: undefined });
  return fc.tuple(jsonTexts(values, most), hit).map(([each, change]) => {
    const bytes = Buffer.from(each);
    if (change !== undefined && bytes.length > 0) bytes[change[0] % bytes.length] = change[1];
    return new Uint8Array(bytes);
  });
}

function text(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent) ?? "null";
}

/** Every other character of a text as its number. */
function escaped(quoted: string): string {
  const inner = JSON.parse(quoted) as string;
  const parts = inner.split("").map((char, at) => {
    const number = char.charCodeAt(0).toString(16).padStart(4, "0");
    return at % 2 === 0 ? `\\u${number}` : text(char).slice(1, -1);
  });
  return `"${parts.join("")}"`;
}
