import { type Document, isNode, LineCounter, parseAllDocuments } from "yaml";

import { parseJson, type Parsed, type Problem } from "../core/index.ts";
import { obstacleIn } from "./nesting.ts";
import { looseEnds, type Place, placeIn, placeOf, refused, yamlProblems } from "./parse-yaml.ts";

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_TOKENS = 8_000_000;
const MAX_DOCUMENTS = 10_000;
const MAX_ALIASES = 100;
const MAX_PROBLEMS = 100;

/** One document of a stream of manifests. */
export interface Manifest {
  readonly value: unknown;
  /** Line on which its content begins, from 1. */
  readonly line: number;
  /** Its place in the stream from 0, empty documents counted. */
  readonly index: number;
  /** Line of the value at a path, from 1; that of the document's beginning where there is none. */
  readonly lineAt: (path: readonly (string | number)[]) => number;
}

/** The documents that could be read, and what is wrong with the others. */
export interface Manifests {
  readonly documents: readonly Manifest[];
  readonly problems: readonly Problem[];
}

/** The documents of a stream with what is needed to point into its text. */
export interface Stream {
  readonly documents: readonly Document[];
  readonly lines: LineCounter;
}

/**
 * Reads a stream of YAML or JSON manifests as `kubectl` would: any number of documents, aliases allowed and bounded,
 * empty documents left out, nothing asked of their content. At most 16 MiB and 10,000 documents. Never throws. Rules:
 * `too-large`, `too-deep`, `too-many`, `yaml`, `duplicate-key`, `alias`.
 */
export function readManifests(text: string): Manifests {
  const stream = parseStream(text);
  if (!stream.ok) return { documents: [], problems: stream.problems };
  const documents: Manifest[] = [];
  const problems: Problem[] = [];
  for (const [index, document] of stream.value.documents.entries()) {
    const read = valueOf(document, stream.value.lines);
    if (!read.ok) problems.push(...read.problems);
    else if (read.value !== null && read.value !== undefined) {
      const { lines } = stream.value;
      const { line } = beginOf(document, lines);
      documents.push({
        value: read.value,
        line,
        index,
        lineAt: (path) => lineAt(document, path, lines) ?? line,
      });
    }
  }
  return { documents, problems: problems.slice(0, MAX_PROBLEMS) };
}

/** Parses a stream without reading its content. */
export function parseStream(text: string): Parsed<Stream> {
  if (Buffer.byteLength(text) > MAX_BYTES) return refused("too-large", `Larger than ${MAX_BYTES} bytes.`);
  const obstacle = obstacleIn(text, MAX_TOKENS);
  if (obstacle !== undefined) return refused(obstacle.rule, obstacle.message, placeIn(text, obstacle.offset));
  const lines = new LineCounter();
  try {
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      version: "1.2",
      merge: true, // YAML 1.1, as kubectl reads it
      uniqueKeys: false,
      prettyErrors: false,
    });
    const documents = "empty" in parsed ? [] : parsed;
    if (documents.length > MAX_DOCUMENTS)
      return refused("too-many", `More than ${MAX_DOCUMENTS} documents in one file.`);
    return { ok: true, value: { documents, lines } };
  } catch {
    return refused("too-deep", "Nested too deep.");
  }
}

/** A document's content as plain values, or what is wrong with it. */
export function valueOf(document: Document, lines: LineCounter): Parsed<unknown> {
  const broken = yamlProblems(document.errors, lines);
  const problems = broken.length > 0 ? broken : looseEnds(document, lines, { aliases: true });
  if (problems.length > 0) return { ok: false, problems };
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch {
    const message = "Its aliases point nowhere, or expand beyond the limit.";
    return refused("alias", message, beginOf(document, lines));
  }
}

/** The content of every document, empty ones too, so that aliases share nothing; or what is wrong with the first bad one. */
export function valuesOf({ documents, lines }: Stream): Parsed<unknown[]> {
  const values: unknown[] = [];
  for (const document of documents) {
    const read = valueOf(document, lines);
    if (!read.ok) return read;
    values.push(parseJson(JSON.stringify(read.value ?? null)));
  }
  return { ok: true, value: values };
}

function lineAt(
  document: Document,
  path: readonly (string | number)[],
  lines: LineCounter,
): number | undefined {
  const node = document.getIn(path, true);
  return isNode(node) && node.range ? placeOf(lines, node.range[0]).line : undefined;
}

function beginOf(document: Document, lines: LineCounter): Place {
  return placeOf(lines, document.contents?.range?.[0] ?? document.range?.[0] ?? 0);
}
