import { isMap, isScalar, type Scalar, type YAMLMap } from "yaml";

import {
  columnOf,
  contentEnd,
  endOfLines,
  entryText,
  indented,
  insertion,
  isJson,
  lineEnd,
  type PlainEntry,
  type Splice,
  spelt,
} from "./splices.ts";

/** Which map becomes the first entry of a list, what the list is called, and the entry behind it. */
export interface Wrapping {
  readonly field: string;
  readonly as: string;
  readonly value: PlainEntry;
}

/** A map of a map as first entry of a list that takes its place; undefined where none is there. */
export function wrapSplices(text: string, parent: unknown, wrapping: Wrapping): Splice[] | undefined {
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === wrapping.field);
  const [key, map] = [pair?.key, pair?.value];
  if (!isScalar(key) || !key.range || !isMap(map) || !map.range) return undefined;
  const { value } = wrapping;
  const column = columnOf(text, key.range[0]);
  const entry =
    map.flow === true
      ? bracketed(text, map, { column, value, isInner: parent.flow === true })
      : wrappedBlock(text, map, value);
  return [renamed(key, wrapping.as), ...entry];
}

function renamed({ range, type }: Scalar, name: string): Splice {
  const [from, to] = range!;
  return { from, to, text: type === "QUOTE_DOUBLE" ? JSON.stringify(name) : name };
}

/** Its lines move to the right behind a dash. */
function wrappedBlock(text: string, map: YAMLMap, value: PlainEntry): Splice[] {
  const [from] = map.range!;
  const end = lineEnd(text, contentEnd(text, map));
  const body = text.slice(from, end).replaceAll(/\n(?=[^\r\n])/g, "\n  ");
  const eol = endOfLines(text);
  const entry = indented(entryText(value), " ".repeat(columnOf(text, from))).replaceAll("\n", eol);
  return [{ from, to: end, text: `- ${body}${body.endsWith("\n") ? "" : eol}${entry}` }];
}

/** A map in braces: inside others in brackets, otherwise on its own line. */
function bracketed(
  text: string,
  map: YAMLMap,
  {
    column,
    value,
    isInner,
  }: { readonly column: number; readonly value: PlainEntry; readonly isInner: boolean },
): Splice[] {
  const [from, to] = map.range!;
  if (isInner) {
    const entry = isJson(map) ? JSON.stringify(value) : spelt(value);
    return [
      { from, to: from, text: "[" },
      { from: to, to, text: `, ${entry}]` },
    ];
  }
  const dash = `${" ".repeat(column + 2)}- `;
  return [
    { from: text.slice(0, from).trimEnd().length, to: from, text: `${endOfLines(text)}${dash}` },
    insertion(text, lineEnd(text, to), `${dash}${spelt(value)}\n`),
  ];
}
