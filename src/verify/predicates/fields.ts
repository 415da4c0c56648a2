import { parseInstant, printable } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";

const MAX_UNDATED = 64;

/** The value at a path of own keys; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) here = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

/** A text of one to `most` characters; anything else is as good as absent. */
export function textOf(value: unknown, most: number): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= most ? value : undefined;
}

/** A text of one to `most` characters. Throws Rejected where it is anything else, `too-large` where it is longer. */
export function needText(value: unknown, most: number, what: string): string {
  const text = textOf(value, most);
  if (text !== undefined) return text;
  if (typeof value === "string" && value.length > most)
    throw new Rejected("too-large", `${what} has more than ${most} characters`);
  throw new Rejected("malformed", `${what} is not a text of 1 to ${most} characters`);
}

/** A list that must be there, at most `most` long. Throws Rejected: a list that is missing is not an empty one. */
export function needList(value: unknown, most: number, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Rejected("malformed", `${what} are not a list`);
  if (value.length > most)
    throw new Rejected("too-large", `${value.length} ${what}; at most ${most} are read`);
  return value;
}

/** An object. Throws Rejected where it is anything else. */
export function needObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new Rejected("malformed", `${what} is not an object`);
}

/** An instant, or undefined where none is stated. Throws Rejected where what is stated is not an instant. */
export function instantOf(value: unknown, what: string): Date | undefined {
  if (value === undefined || value === null) return undefined;
  const instant = typeof value === "string" ? parseInstant(value) : undefined;
  if (instant !== undefined) return instant;
  throw new Rejected("malformed", `${what} is not an RFC 3339 instant`);
}

/** What a document says of its own time. */
export interface DeclaredTime {
  readonly instant?: Date;
  /** What it states where that is not an instant, such as a time without an offset. */
  readonly undated?: string;
}

/** The time that a document states; nothing where it states none. */
export function declaredTime(value: unknown): DeclaredTime {
  if (value === undefined || value === null) return {};
  const instant = typeof value === "string" ? parseInstant(value) : undefined;
  if (instant !== undefined) return { instant };
  return { undated: printable(typeof value === "string" ? value : `a ${typeof value}`, MAX_UNDATED) };
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** An object without the keys that have no value. */
export function dropUndefined<T extends object>(values: Loose<T>): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
