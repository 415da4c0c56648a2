import { isDeepStrictEqual } from "node:util";

import { type Document, Scalar, type Node } from "yaml";

import type { Parsed } from "../core/index.ts";
import { parseYaml, refused, type YamlDocument } from "./parse-yaml.ts";
import { MAX_BYTES } from "./read-document.ts";
import {
  applySplices,
  entrySplices,
  fieldSplice,
  inBrackets,
  type NamedField,
  nodeOf,
  type PlainEntry,
  type PlainValue,
  type Splice,
} from "./splices.ts";

/** From the top of a document to a value in it. */
type Path = readonly (string | number)[];

/** Where a field goes: into the map at `path`. */
interface FieldPlace extends NamedField {
  readonly path: Path;
}

/**
 * The document with an entry at the end of the list at `path`, every other byte as it was. Where the list is not
 * written with dashes the document is written again, with its comments. The result is read again, and refused where
 * anything else differs. Rules: those of `readDocument`, and `not-edited`.
 */
export function appendEntry(text: string, path: Path, entry: PlainEntry): Parsed<string> {
  return appendEntries(text, path, [entry]);
}

/** The same for any number of entries, in one edit. */
export function appendEntries(text: string, path: Path, entries: readonly PlainEntry[]): Parsed<string> {
  const yaml = parseYaml(text, MAX_BYTES);
  if (!yaml.ok) return yaml;
  const expected = structuredClone(yaml.value.content);
  const list = valueAt(expected, path);
  if (!Array.isArray(list)) return refused("not-edited", "There is no such list.");
  list.push(...entries);
  return firstThatReads(expected, [
    () => spliced(text, entrySplices(text, yaml.value.document.getIn(path, true), entries)),
    () =>
      rewritten(yaml.value, (document) => {
        for (const entry of entries) document.addIn(path, nodeOf(entry));
      }),
  ]);
}

/** The document with one plain value of a map set, new or in another's place. Otherwise as `appendEntry`. */
export function setField(text: string, place: FieldPlace, value: PlainValue): Parsed<string> {
  const yaml = parseYaml(text, MAX_BYTES);
  if (!yaml.ok) return yaml;
  const expected = structuredClone(yaml.value.content);
  const map = valueAt(expected, place.path);
  if (typeof map !== "object" || map === null) return refused("not-edited", "There is no such entry.");
  (map as Record<string, unknown>)[place.field] = value;
  return firstThatReads(expected, [
    () => {
      const splice = fieldSplice(text, yaml.value.document.getIn(place.path, true), place, value);
      return spliced(text, splice && [splice]);
    },
    () => rewritten(yaml.value, (document) => document.setIn([...place.path, place.field], quoted(value))),
  ]);
}

function spliced(text: string, splices: readonly Splice[] | undefined): string | undefined {
  return splices && applySplices(text, splices);
}

function valueAt(content: unknown, path: Path): unknown {
  let here = content;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here;
}

/** The first attempt that reads back as what was wanted. */
function firstThatReads(expected: unknown, attempts: readonly (() => string | undefined)[]): Parsed<string> {
  for (const attempt of attempts) {
    const result = attempt();
    const read = result === undefined ? undefined : parseYaml(result, MAX_BYTES);
    if (read?.ok && isDeepStrictEqual(read.value.content, expected)) return { ok: true, value: result! };
  }
  return refused(
    "not-edited",
    "More than the intended values would change, or the document would grow too large; edit it by hand.",
  );
}

function rewritten(yaml: YamlDocument, change: (document: Document) => void): string {
  const copy = yaml.document.clone();
  change(copy);
  return copy.toString({ lineWidth: 0 });
}

function quoted(value: PlainValue): Node {
  const node = typeof value === "object" ? inBrackets(value) : new Scalar(value);
  if (typeof value === "string") (node as Scalar).type = Scalar.QUOTE_DOUBLE;
  return node;
}
