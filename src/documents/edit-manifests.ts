import { isDeepStrictEqual } from "node:util";

import { type Document, isMap, isSeq, type Node } from "yaml";

import type { Parsed, Problem } from "../core/index.ts";
import { parseStream, type Stream, valuesOf } from "./manifests.ts";
import { placeOf, refused } from "./parse-yaml.ts";
import {
  applySplices,
  contentEnd,
  entrySplices,
  fieldSplice,
  isJson,
  type PlainEntry,
  type PlainValue,
  type Splice,
  spelt,
} from "./splices.ts";
import { wrapSplices } from "./wrap-splices.ts";

type Path = readonly (string | number)[];

/** A change of one collection in a document. */
export type StructuralEdit =
  /** An entry at the end of the list at `path`. */
  | { readonly kind: "append"; readonly path: Path; readonly value: string | PlainEntry }
  /** Fields that the map at `path` does not have. */
  | { readonly kind: "set"; readonly path: Path; readonly fields: Readonly<Record<string, PlainValue>> }
  /** The map `field` of the map at `path` becomes the first entry of a list `as`, and `value` the second. */
  | {
      readonly kind: "wrap";
      readonly path: Path;
      readonly field: string;
      readonly as: string;
      readonly value: PlainEntry;
    };

/** An edit, and which document of the stream it is of: from 0, empty ones counted. */
export interface ManifestEdit {
  readonly document: number;
  readonly edit: StructuralEdit;
}

/** A text after its edits. */
export interface EditedManifests {
  readonly text: string;
  /** What each edit replaces in the text before, in the order of the edits. */
  readonly splices: readonly (readonly Splice[])[];
}

/**
 * Changes collections in a stream of manifests and leaves every other line as it is: comments, blank lines, quotes, line
 * ends. The result is read again, and the whole refused where anything but the wanted values differs. Rules: those of
 * `readManifests`, and `not-edited`.
 */
export function editManifests(text: string, edits: readonly ManifestEdit[]): Parsed<EditedManifests> {
  const stream = parseStream(text);
  if (!stream.ok) return stream;
  const expected = valuesOf(stream.value);
  if (!expected.ok) return expected;
  const splices: (readonly Splice[])[] = [];
  for (const each of edits) {
    const found = splicesOf(text, stream.value, each);
    if (found === undefined || !change(expected.value[each.document], each.edit))
      return { ok: false, problems: [unplaced(each, stream.value)] };
    splices.push(found);
  }
  const result = applySplices(text, splices.flat());
  const after = parseStream(result);
  const values = after.ok ? valuesOf(after.value) : after;
  if (values.ok && isDeepStrictEqual(values.value, expected.value))
    return { ok: true, value: { text: result, splices } };
  return refused("not-edited", "More than the intended values would change; edit it by hand.");
}

function splicesOf(
  text: string,
  { documents }: Stream,
  { document: index, edit }: ManifestEdit,
): readonly Splice[] | undefined {
  const document = documents[index];
  if (document === undefined) return undefined;
  const node = document.getIn(edit.path, true);
  switch (edit.kind) {
    case "append":
      return bracketedEntry(text, document, edit) ?? entrySplices(text, node, [edit.value]);
    case "set":
      return setSplices(text, node, edit.fields);
    case "wrap":
      return wrapSplices(text, node, edit);
  }
}

/** Fields at the end of a map. An empty one takes them all at once, since it has no field to put the next one behind. */
function setSplices(
  text: string,
  node: unknown,
  fields: Readonly<Record<string, PlainValue>>,
): Splice[] | undefined {
  if (isMap(node) && node.items.length === 0 && node.range) {
    const [from, to] = node.range;
    return [{ from, to, text: JSON.stringify(fields) }];
  }
  const splices = Object.entries(fields).map(([field, value]) =>
    fieldSplice(text, node, { field, after: [] }, value),
  );
  return splices.includes(undefined) ? undefined : (splices as Splice[]);
}

/** An entry at the end of a list in brackets, in the quotes of JSON where the list is JSON, or may be. */
function bracketedEntry(
  text: string,
  document: Document,
  { path, value }: Extract<StructuralEdit, { readonly kind: "append" }>,
): Splice[] | undefined {
  const list = document.getIn(path, true);
  if (!isSeq(list) || list.flow !== true || !list.range) return undefined;
  const [first, last] = [list.items[0] as Node | undefined, list.items.at(-1) as Node];
  if (first === undefined) {
    const [from, to] = list.range;
    const isInner =
      (document.getIn(path.slice(0, -1), true) as { flow?: boolean } | undefined)?.flow === true;
    return isInner ? [{ from, to, text: JSON.stringify([value]) }] : undefined;
  }
  const end = contentEnd(text, last);
  const isQuoted = text[first.range![0]] === '"' || (isMap(first) && isJson(first));
  return [{ from: end, to: end, text: `, ${isQuoted ? JSON.stringify(value) : spelt(value)}` }];
}

/** Makes the change in plain values. False where there is nothing to change, or it is made already. */
function change(content: unknown, edit: StructuralEdit): boolean {
  let here = content as Record<string | number, unknown>;
  for (const part of edit.path) here = here[part] as Record<string | number, unknown>;
  if (edit.kind === "append") {
    if (!Array.isArray(here)) return false;
    here.push(edit.value);
    return true;
  }
  if (edit.kind === "wrap") {
    const { [edit.field]: map } = here;
    delete here[edit.field];
    here[edit.as] = [map, edit.value];
    return true;
  }
  if (Object.keys(edit.fields).some((field) => Object.hasOwn(here, field))) return false;
  Object.assign(here, edit.fields);
  return true;
}

function unplaced({ document, edit }: ManifestEdit, { documents, lines }: Stream): Problem {
  const offset = documents[document]?.contents?.range?.[0] ?? 0;
  const message = "It is not written in a way that can be changed in place; edit it by hand.";
  return { ...placeOf(lines, offset), path: edit.path.join("."), rule: "not-edited", message };
}
