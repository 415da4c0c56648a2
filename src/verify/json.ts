import { hasRepeatedKeys, jsonExcess, parseJson } from "../core/index.ts";
import { LIMITS } from "./limits.ts";
import { Rejected } from "./rejected.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses bytes as one JSON object nested at most 64 deep, in which no object has a key twice: another verifier of the same
 * signature may read the other value. Throws Rejected `malformed` or `too-large`.
 */
export function parseJsonObject(bytes: Uint8Array | string, what: string): JsonObject {
  const text = typeof bytes === "string" ? bytes : decode(bytes, what);
  if (jsonExcess(text, { depth: LIMITS.depth }) !== undefined)
    throw new Rejected("too-large", `${what} is nested deeper than ${LIMITS.depth}`);
  const value = parse(text, what);
  if (!isObject(value)) throw new Rejected("malformed", `${what} is not a JSON object`);
  if (hasRepeatedKeys(text, value)) throw new Rejected("malformed", `${what} has a key twice`);
  return value;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list, at most `most` long; absent reads as empty. Throws Rejected. */
export function listOf(value: unknown, most: number, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Rejected("malformed", `${what} is not a list`);
  if (value.length > most)
    throw new Rejected("too-large", `${value.length} ${what}; at most ${most} are read`);
  return value;
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Rejected("malformed", `${what} is not UTF-8`, { cause: error });
  }
}

function parse(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Rejected("malformed", `${what} is not JSON`, { cause: error });
  }
}
