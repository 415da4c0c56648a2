import type { Parsed } from "../core/index.ts";
import { parseYaml, type Place } from "./parse-yaml.ts";
import { MAX_BYTES } from "./read-document.ts";
import { placeAt } from "./schema-problems.ts";

/** A document as plain values, for comparing two versions of it. */
export interface PlainDocument {
  readonly content: unknown;
  /** The place of the value at a path, or of the nearest thing around it. */
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

/** Reads a document without a schema: anyone who uses it has read it with one before. Rules as `readDocument`. */
export function readPlain(text: string): Parsed<PlainDocument> {
  const yaml = parseYaml(text, MAX_BYTES);
  if (!yaml.ok) return yaml;
  const { value } = yaml;
  return { ok: true, value: { content: value.content, placeOf: (path) => placeAt([...path], value) } };
}
