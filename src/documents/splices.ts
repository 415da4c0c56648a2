import {
  Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** A part of a text, by its offsets, and what takes its place. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** An entry as plain values, in the order in which its keys are written. */
export type PlainEntry = Readonly<Record<string, unknown>>;

/** What a field takes: one value, or values on one line. */
export type PlainValue = string | number | readonly unknown[] | PlainEntry;

/** Which field of a map: behind the last of the fields `after` that it has, or at its end. */
export interface NamedField {
  readonly field: string;
  readonly after: readonly string[];
}

/** The text with every splice made; none may lie in another. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, text: inserted } of splices.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    parts.push(text.slice(at, from), inserted);
    at = to;
  }
  return [...parts, text.slice(at)].join("");
}

/** Entries at the end of a list that is written with dashes, or holds nothing; undefined for others. */
export function entrySplices(text: string, list: unknown, entries: readonly unknown[]): Splice[] | undefined {
  if (!isSeq(list) || !list.range) return undefined;
  const blocks = entries.map(entryText);
  if (list.items.length === 0)
    return text.slice(list.range[0], list.range[1]).includes("#")
      ? undefined // a comment between the brackets would go with them
      : firstEntry(text, list.range, blocks.join(""));
  const [first, last] = [list.items[0] as Node, list.items.at(-1) as Node];
  const indent = /(?<=^|\n)( *)- $/.exec(text.slice(0, first.range?.[0]))?.[1];
  if (list.flow === true || indent === undefined) return undefined;
  const gap = isSpaced(text, list) ? "\n" : "";
  const lines = blocks.map((block) => gap + indented(block, indent)).join("");
  return [insertion(text, lineEnd(text, contentEnd(text, last)), lines)];
}

/** A value of a map, new or in another's place; undefined where it has no separate place. */
export function fieldSplice(
  text: string,
  map: unknown,
  { field, after }: NamedField,
  value: PlainValue,
): Splice | undefined {
  if (!isMap(map)) return undefined;
  const old = map.get(field, true);
  if (old !== undefined) return replacement(old, value);
  const keys = map.items.map(({ key }) => (isScalar(key) ? String(key.value) : ""));
  const anchor = map.items[Math.max(...after.map((name) => keys.indexOf(name)))] ?? map.items.at(-1);
  if (anchor === undefined) return firstField(map, field, value);
  const end = contentEnd(text, (anchor.value ?? anchor.key) as Node);
  if (map.flow === true) {
    const pair = isJson(map)
      ? `${JSON.stringify(field)}: ${JSON.stringify(value)}`
      : `${field}: ${spelt(value)}`;
    return { from: end, to: end, text: `, ${pair}` };
  }
  const start = (anchor.key as Node).range![0];
  return insertion(
    text,
    lineEnd(text, end),
    `${" ".repeat(columnOf(text, start))}${field}: ${spelt(value)}\n`,
  );
}

/** Whether a map's keys are in double quotes, as in JSON. */
export function isJson({ items }: YAMLMap): boolean {
  const key = items[0]?.key;
  return isScalar(key) && key.type === "QUOTE_DOUBLE";
}

/** An entry of a block list as lines of YAML, without indentation. */
export function entryText(entry: unknown): string {
  return new Document([nodeOf(entry)], { version: "1.2", compat: "yaml-1.1" }).toString({ lineWidth: 0 });
}

/** The fields of an entry in this order; a field without a value and an empty list are not written. */
export function inOrder<Entry extends object>(
  entry: Entry,
  order: readonly (keyof Entry & string)[],
): PlainEntry {
  const fields = order.map((key) => [key, entry[key]] as const);
  return Object.fromEntries(fields.filter(([, value]) => !isGap(value)));
}

/** Whether a field says nothing: it has no value, or an empty list. */
export function isGap(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

/** A value in quotes: in single ones where it holds double ones, as JSON does. Entries are in brackets. */
export function spelt(value: PlainValue): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string")
    return value.includes('"') && !/['\n\r]|[^\x20-\x7e]/.test(value) ? `'${value}'` : JSON.stringify(value);
  return new Document(inBrackets(value), { version: "1.2", compat: "yaml-1.1" })
    .toString({ lineWidth: 0 })
    .trim();
}

/** A value all of whose collections are in brackets. */
export function inBrackets(value: unknown): Node {
  const node = nodeOf(value);
  visit(node, {
    Collection: (_, collection) => {
      collection.flow = true;
    },
  });
  return node;
}

/** Lists of plain values and approvals are on one line each, as people write them; instants are in quotes. */
export function nodeOf(entry: unknown): Node {
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

/** Where the last value in a node ends: comments and blank lines after it belong to no one. */
export function contentEnd(text: string, node: Node): number {
  const last = isCollection(node) && node.flow !== true ? lastIn(node) : undefined;
  if (last !== undefined) return contentEnd(text, last);
  return text.slice(0, node.range?.[1] ?? 0).trimEnd().length;
}

/** The offset behind the line that an offset lies in. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", Math.max(0, offset));
  return end < 0 ? text.length : end + 1;
}

/** How far an offset is from the beginning of its line. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** Lines at the beginning of a line, with the text's line ends. */
export function insertion(text: string, offset: number, lines: string): Splice {
  const end = endOfLines(text);
  const gap = offset === 0 || text[offset - 1] === "\n" ? "" : end;
  return { from: offset, to: offset, text: gap + lines.replaceAll("\n", end) };
}

/** How the lines of a text end. */
export function endOfLines(text: string): "\n" | "\r\n" {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** Lines moved to the right; empty ones stay empty. */
export function indented(block: string, indent: string): string {
  return block.replaceAll(/^(?=.)/gm, indent);
}

/** As JSON, which is YAML, too: nothing tells which of the two an empty map is. */
function firstField({ range }: YAMLMap, field: string, value: PlainValue): Splice | undefined {
  return range ? { from: range[0], to: range[1], text: JSON.stringify({ [field]: value }) } : undefined;
}

/** Takes the brackets of an empty list away, and puts its first entry below it. */
function firstEntry(text: string, [from, to]: NonNullable<Node["range"]>, block: string): Splice[] {
  const line = text.slice(text.lastIndexOf("\n", from) + 1, from);
  const indent = " ".repeat(/^[ -]*/.exec(line)![0].length + 2);
  const emptied = { from: text.slice(0, from).trimEnd().length, to, text: "" };
  return [emptied, insertion(text, lineEnd(text, to), indented(block, indent))];
}

/** Another value in a scalar's place; undefined for block scalars, which have no such place. */
function replacement(old: unknown, value: PlainValue): Splice | undefined {
  if (!isScalar(old) || !old.range || old.type === "BLOCK_LITERAL" || old.type === "BLOCK_FOLDED")
    return undefined;
  return { from: old.range[0], to: old.range[1], text: spelt(value) };
}

function lastIn(node: Node): Node | undefined {
  if (isSeq(node)) return node.items.at(-1) as Node | undefined;
  const pair = isMap(node) ? node.items.at(-1) : undefined;
  return (pair?.value ?? pair?.key) as Node | undefined;
}

/** Whether a blank line is before the last entry. */
function isSpaced(text: string, { items }: YAMLSeq): boolean {
  const [before, last] = [items.at(-2) as Node | undefined, items.at(-1) as Node];
  if (before === undefined) return false;
  return /\n[ \t]*\r?\n/.test(text.slice(contentEnd(text, before), last.range?.[0]));
}
