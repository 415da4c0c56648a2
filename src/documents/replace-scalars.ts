import { isDeepStrictEqual } from "node:util";

import { type Document, isScalar, type Scalar } from "yaml";

import type { Parsed, Problem } from "../core/index.ts";
import { parseStream, type Stream, valuesOf } from "./manifests.ts";
import { placeOf, refused } from "./parse-yaml.ts";
import { applySplices, type Splice } from "./splices.ts";

/** A text value that takes another's place. */
export interface ScalarEdit {
  /** Which document of the stream, from 0, empty ones counted. */
  readonly document: number;
  readonly path: readonly (string | number)[];
  readonly value: string;
}

/** Text that every YAML reads as itself without quotes: image references with a slash or a digest are of this kind. */
const PLAIN = /^[A-Za-z0-9](?:[A-Za-z0-9._-]|:(?=[A-Za-z0-9]))*[/@](?:[A-Za-z0-9._/@-]|:(?=[A-Za-z0-9]))*$/;

/**
 * Replaces text values in a stream of manifests and leaves every other byte as it is: comments, blank lines, quotes,
 * line ends. The result is read again, and refused where anything but the wanted values differs. Rules: those of
 * `readManifests`, `no-scalar` where there is no text value to replace, `not-spliced` where others would change too.
 */
export function replaceScalars(text: string, edits: readonly ScalarEdit[]): Parsed<string> {
  const stream = parseStream(text);
  if (!stream.ok) return stream;
  const before = valuesOf(stream.value);
  if (!before.ok) return before;
  const splices: Splice[] = [];
  for (const edit of edits) {
    const splice = spliceOf(edit, stream.value);
    if ("rule" in splice) return { ok: false, problems: [splice] };
    splices.push(splice);
  }
  const result = applySplices(text, splices);
  const after = parseStream(result);
  const values = after.ok ? valuesOf(after.value) : after;
  if (values.ok && isDeepStrictEqual(values.value, edited(before.value, edits)))
    return { ok: true, value: result };
  return refused(
    "not-spliced",
    "More than the intended values would change: an anchor, or a value that occurs twice.",
  );
}

function spliceOf(
  { document: index, path, value }: ScalarEdit,
  { documents, lines }: Stream,
): Splice | Problem {
  const document = documents[index];
  const node = document === undefined ? undefined : scalarAt(document, path);
  const spelt = node === undefined ? undefined : spell(value, node);
  if (node?.range && spelt !== undefined) return { from: node.range[0], to: node.range[1], text: spelt };
  const place = placeOf(lines, document?.range?.[0] ?? 0);
  return { ...place, path: path.join("."), rule: "no-scalar", message: "There is no one-line text here." };
}

function scalarAt(document: Document, path: readonly (string | number)[]): Scalar | undefined {
  const node = path.length === 0 ? undefined : document.getIn(path, true);
  return isScalar(node) && typeof node.value === "string" ? node : undefined;
}

/** The value in the quotes that the old one had; undefined for block scalars, which have no such place. */
function spell(value: string, { type }: Scalar): string | undefined {
  if (type === "QUOTE_SINGLE" && !/\s{2}|[^\S ]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  if (type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE") return JSON.stringify(value);
  if (type === "PLAIN") return PLAIN.test(value) ? value : JSON.stringify(value);
  return undefined;
}

function edited(values: readonly unknown[], edits: readonly ScalarEdit[]): unknown[] {
  const copy = structuredClone(values) as unknown[];
  for (const { document, path, value } of edits) {
    let here = copy[document] as Record<string | number, unknown>;
    for (const part of path.slice(0, -1)) here = here[part] as Record<string | number, unknown>;
    here[path.at(-1)!] = value;
  }
  return copy;
}
