import { isDeepStrictEqual } from "node:util";

import { isMap, isScalar, isSeq, type Scalar, type YAMLMap } from "yaml";

import type { Parsed, Problem } from "../core/index.ts";
import { parseYaml, type Place, placeOf, refused, type YamlDocument } from "./parse-yaml.ts";
import { MAX_BYTES } from "./read-document.ts";
import { type RenamedKey, renamedKey } from "./renamed-keys.ts";
import { pathText } from "./schema-problems.ts";
import { applySplices, type Splice } from "./splices.ts";

type Path = readonly (string | number)[];

/** A key that was rewritten. */
export interface Migration extends Place {
  readonly path: string;
  readonly old: string;
  readonly now: string;
  readonly splices: readonly Splice[];
}

/** A document without the old names, and where each of them was. */
export interface MigratedDocument {
  readonly text: string;
  readonly migrations: readonly Migration[];
}

/**
 * Rewrites every key of a document that was renamed; every other byte stays, comments, order, quotes and anchors with it.
 * The result is read again, and refused where anything but the keys differs. A document that breaks another rule is
 * rewritten all the same. Rules: those of `readDocument` about YAML, `renamed-key` where a map holds the old and the new
 * name, and `not-edited`.
 */
export function migrateKeys(text: string): Parsed<MigratedDocument> {
  const yaml = parseYaml(text, MAX_BYTES, { loosely: true });
  if (!yaml.ok) return yaml;
  const found = [...oldKeys(yaml.value.document.contents, [])];
  const twins = found.filter(({ map, renamed }) => map.has(renamed.now));
  if (twins.length > 0) return { ok: false, problems: twins.map((each) => twinProblem(each, yaml.value)) };
  const migrations = found.map((each) => migrationOf(each, text, yaml.value));
  const result = applySplices(
    text,
    migrations.flatMap(({ splices }) => splices),
  );
  const after = parseYaml(result, MAX_BYTES, { loosely: true });
  if (after.ok && isDeepStrictEqual(after.value.content, migrated(yaml.value.content, [])))
    return { ok: true, value: { text: result, migrations } };
  return refused("not-edited", "More than the renamed keys would change; edit it by hand.");
}

interface OldKey {
  readonly map: YAMLMap;
  readonly parent: Path;
  readonly key: Scalar<string>;
  readonly value: unknown;
  readonly renamed: RenamedKey;
}

function* oldKeys(node: unknown, path: Path): Generator<OldKey> {
  if (isSeq(node)) {
    for (const [at, item] of node.items.entries()) yield* oldKeys(item, [...path, at]);
    return;
  }
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const renamed = renamedKey(path, name);
    if (renamed !== undefined) yield { map: node, parent: path, key: key as Scalar<string>, value, renamed };
    yield* oldKeys(value, [...path, name]);
  }
}

function twinProblem({ key, parent, renamed }: OldKey, { lines }: YamlDocument): Problem {
  const { old, now } = renamed;
  const message = `"${old}" is now called "${now}", and both are here; remove one.`;
  return { ...placeOf(lines, key.range![0]), path: pathText([...parent, old]), rule: "renamed-key", message };
}

function migrationOf(
  { key, value, parent, renamed }: OldKey,
  text: string,
  { lines }: YamlDocument,
): Migration {
  const [from, to] = key.range!;
  const quote = /^["']/.exec(text.slice(from, to))?.[0] ?? "";
  const { old, now } = renamed;
  const splices = [{ from, to, text: `${quote}${now}${quote}` }];
  const newValue = isScalar(value) ? valueOf(renamed, value.value) : undefined;
  if (isScalar(value) && value.range && newValue !== undefined)
    splices.push({ from: value.range[0], to: value.range[1], text: String(newValue) });
  return { ...placeOf(lines, from), path: pathText([...parent, old]), old, now, splices };
}

/** What a value is called now; undefined where it stays. */
function valueOf({ values = {} }: RenamedKey, value: unknown): boolean | undefined {
  return typeof value === "string" && Object.hasOwn(values, value) ? values[value] : undefined;
}

/** The same renaming in plain values. */
function migrated(content: unknown, path: Path): unknown {
  if (Array.isArray(content)) return content.map((each, at) => migrated(each, [...path, at]));
  if (typeof content !== "object" || content === null) return content;
  const entries = Object.entries(content).map(([key, value]): [string, unknown] => {
    const renamed = renamedKey(path, key);
    const same = migrated(value, [...path, key]);
    return renamed === undefined ? [key, same] : [renamed.now, valueOf(renamed, value) ?? same];
  });
  return Object.fromEntries(entries);
}
