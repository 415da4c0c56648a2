import type { z } from "zod";

import { type Parsed, printable, type Problem } from "../core/index.ts";
import { API_VERSION, API_VERSION_RULE, unsupportedVersion } from "./api-version.ts";
import { parseYaml, type Place, refused, type YamlDocument } from "./parse-yaml.ts";
import { MAX_BYTES } from "./read-document.ts";
import { keyPlace, placeAt, schemaProblems } from "./schema-problems.ts";

const VERSION_KEY = "apiVersion";
const MAX_PROBLEMS = 1000;

/** One entry that could be read, with the place where it begins. */
export interface Entry<T> {
  readonly value: T;
  /** As it is written, before the schema read it. */
  readonly raw: unknown;
  readonly index: number;
  readonly place: Place;
  /** The place of the value at a path in it, or of the nearest thing around that. */
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

/** The entries that could be read, and everything that is wrong with the others. */
export interface Entries<T> {
  readonly entries: readonly Entry<T>[];
  /** At most 1,000, and as many more as are in the last entry that was checked. */
  readonly problems: readonly Problem[];
}

/** Which list is read, and what its entries are. */
export interface EntriesOptions<Schema extends z.ZodType> {
  /** The document's only key in addition to `apiVersion`. */
  readonly key: string;
  readonly schema: Schema;
  readonly most: number;
  /** Whether aliases, keys that occur twice and further keys next to the list are reported and read over: for lints. */
  readonly loosely?: boolean;
}

/**
 * Reads a document whose only key is `key`, a list, so that one bad entry does not spoil the rest. Fails as a whole
 * only where there is no such list: rules as `readDocument`, and `too-many` over `most` entries.
 */
export function readEntries<Schema extends z.ZodType>(
  text: string,
  options: EntriesOptions<Schema>,
): Parsed<Entries<z.output<Schema>>> {
  const { key, most, loosely = false } = options;
  const yaml = parseYaml(text, MAX_BYTES, { loosely });
  if (!yaml.ok) return yaml;
  const { list, version, others } = contentUnder(key, yaml.value.content);
  if (list !== undefined && version !== undefined && version !== API_VERSION)
    return refused(API_VERSION_RULE, unsupportedVersion(version), keyPlace(VERSION_KEY, [], yaml.value));
  if (list === undefined || (others.length > 0 && !loosely))
    return refused("wrong-type", `The document must hold one key, "${key}", with a list.`);
  if (list.length > most) return refused("too-many", `More than ${most} entries.`);
  const { entries, problems } = readEach(list, options, yaml.value);
  const beside = others.map((name) => unknownKey(name, key, yaml.value));
  return { ok: true, value: { entries, problems: [...yaml.value.looseEnds, ...beside, ...problems] } };
}

function contentUnder(
  key: string,
  content: unknown,
): {
  readonly list: readonly unknown[] | undefined;
  readonly version: unknown;
  readonly others: readonly string[];
} {
  const found = Object.entries(typeof content === "object" && content !== null ? content : {});
  const list: unknown = found.find(([name]) => name === key)?.[1];
  return {
    list: Array.isArray(list) ? (list as unknown[]) : undefined,
    version: found.find(([name]) => name === VERSION_KEY)?.[1],
    others: found.map(([name]) => name).filter((name) => name !== key && name !== VERSION_KEY),
  };
}

function unknownKey(name: string, key: string, yaml: YamlDocument): Problem {
  const message = `The document's only key is "${key}".`;
  const place = keyPlace(name, [], yaml) ?? placeAt([], yaml);
  return { ...place, path: printable(name, 60), rule: "unknown-key", message };
}

function readEach<Schema extends z.ZodType>(
  list: readonly unknown[],
  { key, schema }: EntriesOptions<Schema>,
  yaml: YamlDocument,
): Entries<z.output<Schema>> {
  const entries: Entry<z.output<Schema>>[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of list.entries()) {
    const parsed = schema.safeParse(raw);
    const at = [key, index];
    const placeOf = (path: readonly (string | number)[]): Place => placeAt([...at, ...path], yaml);
    if (parsed.success) entries.push({ value: parsed.data, raw, index, place: placeOf([]), placeOf });
    else if (problems.length < MAX_PROBLEMS)
      problems.push(...schemaProblems({ issues: parsed.error.issues, schema, yaml, at }));
  }
  return { entries, problems };
}
