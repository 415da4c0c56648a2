import { isDeepStrictEqual } from "node:util";

import { Document, isCollection, isMap, isScalar, isSeq, type Node, Scalar, visit, type YAMLSeq } from "yaml";

import type { Parsed } from "../core/index.ts";
import { parseYaml, refused, type YamlDocument } from "./parse-yaml.ts";
import { MAX_BYTES } from "./read-document.ts";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** An entry as plain values, in the order in which its keys are written. */
type PlainEntry = Readonly<Record<string, unknown>>;

/** What a field takes: one value, or entries on one line. */
type PlainValue = string | number | readonly PlainEntry[];

/** From the top of a document to a value in it. */
type Path = readonly (string | number)[];

/** Where a field goes: into the map at `path`, behind the last of the fields `after` that it has. */
interface FieldPlace {
  readonly path: Path;
  readonly field: string;
  readonly after: readonly string[];
}

/**
 * The document with an entry at the end of the list at `path`, every other byte as it was. Where the list is not written with
 * dashes the document is written anew, with its comments. The result is read again, and refused where anything else
 * differs. Rules: those of `readDocument`, and `not-edited`.
 */
export function appendEntry(text: string, path: Path, entry: PlainEntry): Parsed<string> {
  const yaml = parseYaml(text, MAX_BYTES);
  if (!yaml.ok) return yaml;
  const expected = structuredClone(yaml.value.content);
  const list = valueAt(expected, path);
  if (!Array.isArray(list)) return refused("not-edited", "There is no such list.");
  list.push(entry);
  return firstThatReads(expected, [
    () => splicedEntry(text, yaml.value.document.getIn(path, true), entry),
    () => rewritten(yaml.value, (document) => document.addIn(path, nodeOf(entry))),
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
    () => splicedField(text, yaml.value, place, value),
    () => rewritten(yaml.value, (document) => document.setIn([...place.path, place.field], quoted(value))),
  ]);
}

function valueAt(content: unknown, path: Path): unknown {
  let here = content;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here;
}

/** An entry of a block list as lines of YAML, without indentation. */
function entryText(entry: PlainEntry): string {
  return new Document([nodeOf(entry)], { version: "1.2", compat: "yaml-1.1" }).toString({ lineWidth: 0 });
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
    "More than the wanted values would change, or it grows too large; edit it by hand.",
  );
}

function splicedEntry(text: string, list: unknown, entry: PlainEntry): string | undefined {
  if (!isSeq(list) || !list.range) return undefined;
  const block = entryText(entry);
  if (list.items.length === 0) {
    const emptied = text.slice(0, list.range[0]).trimEnd() + text.slice(list.range[1]);
    return inserted(emptied, lineEnd(emptied, list.range[0] - 1), indented(block, "  "));
  }
  const [first, last] = [list.items[0] as Node, list.items.at(-1) as Node];
  const indent = /(?<=^|\n)( *)- $/.exec(text.slice(0, first.range?.[0]))?.[1];
  if (list.flow === true || indent === undefined) return undefined;
  const gap = isSpaced(text, list) ? "\n" : "";
  return inserted(text, lineEnd(text, contentEnd(text, last)), gap + indented(block, indent));
}

function splicedField(
  text: string,
  { document }: YamlDocument,
  { path, field, after }: FieldPlace,
  value: PlainValue,
): string | undefined {
  const map = document.getIn(path, true);
  if (!isMap(map)) return undefined;
  const old = map.get(field, true);
  if (old !== undefined) return replaced(text, old, value);
  const keys = map.items.map(({ key }) => (isScalar(key) ? String(key.value) : ""));
  const anchor = map.items[Math.max(...after.map((name) => keys.indexOf(name)))] ?? map.items.at(-1);
  if (anchor === undefined) return undefined;
  const end = contentEnd(text, (anchor.value ?? anchor.key) as Node);
  if (map.flow === true) return `${text.slice(0, end)}, ${field}: ${spelt(value)}${text.slice(end)}`;
  const start = (anchor.key as Node).range![0];
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  return inserted(text, lineEnd(text, end), `${" ".repeat(column)}${field}: ${spelt(value)}\n`);
}

/** Another value in a scalar's place; undefined for block scalars, which have no such place. */
function replaced(text: string, old: unknown, value: PlainValue): string | undefined {
  if (!isScalar(old) || !old.range || old.type === "BLOCK_LITERAL" || old.type === "BLOCK_FOLDED")
    return undefined;
  return text.slice(0, old.range[0]) + spelt(value) + text.slice(old.range[1]);
}

/** A value in quotes: in single ones where it holds double ones, as JSON does. Entries stand in brackets. */
function spelt(value: PlainValue): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string")
    return value.includes('"') && !/['\n\r]|[^\x20-\x7e]/.test(value) ? `'${value}'` : JSON.stringify(value);
  return new Document(inBrackets(value), { version: "1.2", compat: "yaml-1.1" })
    .toString({ lineWidth: 0 })
    .trim();
}

function inBrackets(value: unknown): Node {
  const node = nodeOf(value);
  visit(node, {
    Collection: (_, collection) => {
      collection.flow = true;
    },
  });
  return node;
}

function rewritten(yaml: YamlDocument, change: (document: Document) => void): string {
  const copy = yaml.document.clone();
  change(copy);
  return copy.toString({ lineWidth: 0 });
}

/** Lists of plain values and approvals stand on one line each, as people write them; instants stand in quotes. */
function nodeOf(entry: unknown): Node {
  const node = new Document(entry, { version: "1.2", compat: "yaml-1.1" }).contents as Node;
  visit(node, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string" && INSTANT.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
    Collection: (_, collection) => {
      if (collection !== node && !collection.items.some(isCollection)) collection.flow = true;
    },
  });
  return node;
}

function quoted(value: PlainValue): Node {
  const node = typeof value === "object" ? inBrackets(value) : new Scalar(value);
  if (typeof value === "string") (node as Scalar).type = Scalar.QUOTE_DOUBLE;
  return node;
}

/** Where the last value in a node ends: comments and blank lines after it belong to nobody. */
function contentEnd(text: string, node: Node): number {
  const last = isCollection(node) && node.flow !== true ? lastIn(node) : undefined;
  if (last !== undefined) return contentEnd(text, last);
  return text.slice(0, node.range?.[1] ?? 0).trimEnd().length;
}

function lastIn(node: Node): Node | undefined {
  if (isSeq(node)) return node.items.at(-1) as Node | undefined;
  const pair = isMap(node) ? node.items.at(-1) : undefined;
  return (pair?.value ?? pair?.key) as Node | undefined;
}

/** The offset behind the line that an offset lies in. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", Math.max(0, offset));
  return end < 0 ? text.length : end + 1;
}

function inserted(text: string, offset: number, lines: string): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const before = text.slice(0, offset);
  const gap = before === "" || before.endsWith("\n") ? "" : end;
  return `${before}${gap}${lines.replaceAll("\n", end)}${text.slice(offset)}`;
}

function indented(block: string, indent: string): string {
  return block.replaceAll(/^(?=.)/gm, indent);
}

/** Whether a blank line stands before the last entry. */
function isSpaced(text: string, { items }: YAMLSeq): boolean {
  const [before, last] = [items.at(-2) as Node | undefined, items.at(-1) as Node];
  if (before === undefined) return false;
  return /\n[ \t]*\r?\n/.test(text.slice(contentEnd(text, before), last.range?.[0]));
}
