import { z } from "zod";

type Path = readonly PropertyKey[];
type Json = Readonly<Record<string, unknown>>;

const MAX_WORD = 40;
const MAX_EDITS = 2;

/** Writing a schema out takes some ms, and a document may have many unknown keys. */
const WRITTEN = new WeakMap<z.ZodType, Json>();

/** The keys that a schema knows at a path, over all of its alternatives. */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  let here: Json[] = alternatives(writtenOut(schema));
  for (const part of path) here = here.flatMap((each) => alternatives(below(each, part)));
  return here.flatMap(({ properties }) => (isJson(properties) ? Object.keys(properties) : []));
}

/** The word that was probably meant, at most two edits away, or undefined. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const ranked = known.map((each) => ({ each, edits: editsBetween(word.toLowerCase(), each.toLowerCase()) }));
  const [best] = ranked.toSorted((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.min(MAX_EDITS, word.length / 2) ? best.each : undefined;
}

function writtenOut(schema: z.ZodType): Json {
  const known = WRITTEN.get(schema);
  if (known !== undefined) return known;
  const written: Json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  WRITTEN.set(schema, written);
  return written;
}

function below(schema: Json, part: PropertyKey): unknown {
  const { properties, additionalProperties, items } = schema;
  if (typeof part === "number") return items;
  return isJson(properties) && Object.hasOwn(properties, part)
    ? properties[String(part)]
    : additionalProperties;
}

function alternatives(schema: unknown): Json[] {
  if (!isJson(schema)) return [];
  const { anyOf, oneOf, allOf } = schema;
  const branches = [anyOf, oneOf, allOf].flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : []));
  return branches.length === 0 ? [schema] : branches.flatMap(alternatives);
}

/** Levenshtein's distance, row by row. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
