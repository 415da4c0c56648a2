import { randomUUID } from "node:crypto";

/** Nobody outside of this process knows it. The same each time: V8 knows its keys then. */
const STAND_IN = randomUUID();

/**
 * JSON text as a value (RFC 8259). Throws SyntaxError where it is none.
 *
 * V8 (https://issues.chromium.org/issues/521080746) may read an escaped key as the start of its raw text, once a document
 * with that key was read before: `{"\"":1}` as `{"\\":1}`, and `{"im\u0061ge":…}` as a field of another name. So an image
 * could be hidden from the gate. V8 is therefore shown another key in its place, and the right one is put back. Every
 * pod has such keys, in its managed fields: this must be fast.
 */
export function parseJson(text: string): unknown {
  const keys = escapedKeys(text);
  if (keys.length === 0) return JSON.parse(text);
  if (text.includes(STAND_IN)) throw new SyntaxError("a key stands in it that only this process makes");
  const names = new Map( // each key on its own, which V8 reads as it is
    keys.map(({ start, end }, at) => [`${STAND_IN} ${at}`, JSON.parse(text.slice(start, end)) as string]),
  );
  return withNames(JSON.parse(withStandIns(text, keys, [...names.keys()])), names);
}

/** JSON text, or UTF-8 bytes of it, as a value; undefined where it is none. See parseJson. */
export function readJson(json: string | Uint8Array): unknown {
  try {
    return parseJson(typeof json === "string" ? json : textOf(json));
  } catch {
    return undefined;
  }
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

/** A key as it stands in a text, with its quotes. */
interface EscapedKey {
  readonly start: number;
  readonly end: number;
}

/** In JSON a backslash stands in strings only, and a string that a colon follows is a key. */
function escapedKeys(text: string): EscapedKey[] {
  const keys: EscapedKey[] = [];
  let at = text.indexOf("\\");
  while (at !== -1) {
    const start = text.lastIndexOf('"', at); // the opening quote: none before it in this string is escaped
    const end = endOfString(text, at);
    if (text[skipSpace(text, end)] === ":") keys.push({ start, end });
    at = text.indexOf("\\", end);
  }
  return keys;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/** The place after the closing quote of the JSON string that holds `at`; past the text where nothing closes it. */
export function endOfString(text: string, at: number): number {
  let end = at;
  for (;;) {
    const char = text.charCodeAt(end); // NaN past the end
    if (char === QUOTE || Number.isNaN(char)) return end + 1;
    end += char === BACKSLASH ? 2 : 1;
  }
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (SPACES.includes(text.charCodeAt(end))) end += 1;
  return end;
}

function withStandIns(text: string, keys: readonly EscapedKey[], standIns: readonly string[]): string {
  let shown = "";
  let from = 0;
  for (const [at, { start, end }] of keys.entries()) {
    shown += `${text.slice(from, start)}"${standIns[at]!}"`;
    from = end;
  }
  return shown + text.slice(from);
}

/** A value with its right names, fields in their order. What holds no stand-in stays as it lies. */
function withNames(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const holder = value as Record<string, unknown>;
  let isShown = false;
  for (const key of Object.keys(holder)) {
    isShown ||= names.has(key);
    const before = holder[key];
    const after = withNames(before, names);
    if (after !== before) holder[key] = after;
  }
  if (!isShown) return value;
  return Object.fromEntries(Object.entries(holder).map(([key, each]) => [names.get(key) ?? key, each]));
}
