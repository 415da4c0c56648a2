import { randomBytes } from "node:crypto";

import { endOfString, isKey, jsonExcess, keysPast } from "./json-bounds.ts";

/** Known to this process alone. The same each time: V8 knows its keys then. Short, since a text may hold many. */
const STAND_IN = randomBytes(12).toString("base64url");

/** Brackets open at once; what Kubernetes and registries write has tens. */
const MAX_DEPTH = 1000;
/** Characters below which no text costs anything, whatever it holds. */
const SMALL = 64 * 1024;

/** How much of what costs more than its bytes a text may hold; no limit where absent. */
export interface JsonLimits {
  /** Different keys that are written with a backslash. */
  readonly escapedKeys?: number;
  /** Values, at any depth, of a text of more than 64 KiB. */
  readonly values?: number;
}

/** A JSON text that is not read because of a limit, which the message names. What it holds is unknown. */
export class JsonLimitError extends SyntaxError {
  override readonly name = "JsonLimitError";
}

/**
 * JSON text as a value (RFC 8259), in time and memory that are linear in its length. Throws SyntaxError where it is
 * none, and JsonLimitError past a limit or where a text of more than 64 KiB is nested deeper than 1,000.
 *
 * V8 (https://issues.chromium.org/issues/521080746) may read an escaped key as the start of its raw text, once a
 * document with that key was read before: `{"\"":1}` as `{"\\":1}`, and `{"im\u0061ge":…}` as a field of another name.
 * So an image could be hidden from the gate. V8 is therefore shown the key without its escapes, and where it cannot be
 * written so, another key instead, after which the right one is put back. Every pod has such keys, in its managed
 * fields, and anyone who sends a text chooses how many: each spelling is read once.
 */
export function parseJson(text: string, limits?: JsonLimits): unknown {
  const { value, names } = parsedWithStandIns(text, limits);
  return names.size === 0 ? value : withNames(value, names);
}

/**
 * As parseJson, for readers that look fields up by names of their own. A key that cannot be written without escapes has
 * another instead, which only this process knows: putting it back costs a walk through the whole value, and half of a
 * pod is managed fields.
 */
export function parseJsonFields(text: string, limits?: JsonLimits): unknown {
  return parsedWithStandIns(text, limits).value;
}

interface WithStandIns {
  readonly value: unknown;
  /** The right names of keys that others stand in for. */
  readonly names: Names;
}

function parsedWithStandIns(text: string, limits: JsonLimits = {}): WithStandIns {
  const { values } = limits;
  const excess =
    text.length > SMALL && jsonExcess(text, { depth: MAX_DEPTH, ...(values !== undefined && { values }) });
  if (excess) throw new JsonLimitError(excess);
  const names = new Map<string, string>();
  const shown = withPlainKeys(text, plainKeys(names, limits));
  if (names.size > 0 && text.includes(STAND_IN))
    throw new SyntaxError("it contains a key that only this process creates");
  return { value: JSON.parse(shown), names };
}

/** JSON text, or UTF-8 bytes of it, as a value; undefined where it is none. See parseJson. */
export function readJson(json: string | Uint8Array, limits?: JsonLimits): unknown {
  try {
    return parseJson(typeof json === "string" ? json : textOf(json), limits);
  } catch {
    return undefined;
  }
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

/** What a key with escapes is shown as, quotes included. */
type PlainKey = (spelling: string) => string;

/** Reads each spelling once, and notes in `names` what the keys that stand in for others mean. */
function plainKeys(names: Map<string, string>, { escapedKeys: most = Infinity }: JsonLimits): PlainKey {
  const known = new Map<string, string>();
  return (spelling) => {
    const shown = known.get(spelling);
    if (shown !== undefined) return shown;
    if (known.size >= most) throw new JsonLimitError(keysPast(most));
    const name = JSON.parse(spelling) as string; // on its own V8 reads it right
    const plain = JSON.stringify(name);
    const isPlain = !plain.includes("\\") && !name.includes(STAND_IN);
    const fresh = isPlain ? plain : `"${STAND_IN} ${names.size}"`;
    if (!isPlain) names.set(fresh.slice(1, -1), name);
    known.set(spelling, fresh);
    return fresh;
  };
}

/**
 * The text with each key that has escapes as `plain` says; itself where it has none. In JSON a backslash is in strings
 * only, and a string that a colon follows is a key.
 */
function withPlainKeys(text: string, plain: PlainKey): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf("\\"); at !== -1;) {
    const start = text.lastIndexOf('"', at); // the opening quote: none before it in this string is escaped
    const end = endOfString(text, at);
    if (isKey(text, end)) {
      parts.push(text.slice(from, start), plain(text.slice(start, end)));
      from = end;
    }
    at = text.indexOf("\\", end);
  }
  return from === 0 ? text : parts.join("") + text.slice(from);
}

type Names = ReadonlyMap<string, string>;

/** A value with its right names, fields in their order. What holds no stand-in stays as it is. Not recursive. */
function withNames(value: unknown, names: Names): unknown {
  const top = [value];
  const open: object[] = [top];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (Array.isArray(holder)) {
      for (let at = 0; at < holder.length; at += 1) holder[at] = opened(holder[at], names, open);
    } else {
      const fields = holder as Record<string, unknown>;
      for (const key of Object.keys(fields)) fields[key] = opened(fields[key], names, open);
    }
  }
  return top[0];
}

/** The value with its own fields named; what may hold more is added to `open`. */
function opened(value: unknown, names: Names, open: object[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const named = Array.isArray(value) ? value : renamed(value, names);
  open.push(named);
  return named;
}

function renamed(value: object, names: Names): object {
  const keys = Object.keys(value);
  if (!keys.some((key) => names.has(key))) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [names.get(key) ?? key, each]));
}
