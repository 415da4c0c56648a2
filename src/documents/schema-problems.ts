import { isDeepStrictEqual } from "node:util";

import { isMap, isNode, isPair, isScalar, type Node, type Pair } from "yaml";
import type { z } from "zod";

import { printable, type Problem } from "../core/index.ts";
import { type Place, placeOf, type YamlDocument } from "./parse-yaml.ts";
import { renamedKey } from "./renamed-keys.ts";
import { knownKeys, nearest } from "./suggestions.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Most problems that are reported of one value. */
const MAX_PROBLEMS = 100;

const MAX_WORD = 60;
const MAX_MESSAGE = 400;
const KINDS: Readonly<Record<string, string>> = {
  string: "text (put it in quotes)",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** What zod complained about, and where the value is that it was given. */
export interface Complaint {
  readonly issues: readonly Issue[];
  readonly schema: z.ZodType;
  readonly yaml: YamlDocument;
  /** Path of the value in the document. */
  readonly at: Path;
}

/** Zod's issues as problems, at most 100, each with the place of the value or of the key that it speaks of. */
export function schemaProblems({ issues, schema, yaml, at }: Complaint): Problem[] {
  const problems: Problem[] = [];
  for (const [index, issue] of issues.entries()) {
    if (problems.length >= MAX_PROBLEMS) break;
    if (isSizeOfWrongType(issue, issues[index - 1]) || isUnderOldName(issue, { yaml, at })) continue;
    problems.push(...problemsOf(issue, { issues, schema, yaml, at }));
  }
  return problems.slice(0, MAX_PROBLEMS);
}

/** Zod measures whatever has a length; of a value of the wrong type, its type is all that is reported. */
function isSizeOfWrongType({ code, path }: Issue, before: Issue | undefined): boolean {
  return (
    (code === "too_big" || code === "too_small") &&
    before?.code === "invalid_type" &&
    isDeepStrictEqual(before.path, path)
  );
}

/** A key that is missing because it is there under its old name, which is reported as such. */
function isUnderOldName(issue: Issue, { yaml, at }: Pick<Complaint, "yaml" | "at">): boolean {
  const path = [...at, ...issue.path];
  if (issue.code !== "invalid_type" || yaml.document.hasIn(path)) return false;
  const parent = path.slice(0, -1);
  const map = parent.length === 0 ? yaml.document.contents : yaml.document.getIn(parent, true);
  return (
    isMap(map) &&
    map.items.some(({ key }) => isScalar(key) && renamedKey(parent, String(key.value))?.now === path.at(-1))
  );
}

function problemsOf(issue: Issue, complaint: Complaint): Problem[] {
  const { yaml, at } = complaint;
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const issues = nearestBranch(issue.errors).map((each) => ({
      ...each,
      path: [...issue.path, ...each.path],
    }));
    return schemaProblems({ ...complaint, issues });
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => unknownKey(key, issue.path, complaint));
  }
  const path = [...at, ...issue.path];
  if (issue.code === "invalid_key") {
    const key = path.at(-1);
    const place = keyPlace(String(key), path.slice(0, -1), yaml) ?? placeAt(path, yaml);
    return [
      {
        ...place,
        path: pathText(path),
        rule: "invalid-key",
        message: issue.issues[0]?.message ?? issue.message,
      },
    ];
  }
  const missing = issue.code === "invalid_type" && !yaml.document.hasIn(path);
  const what = missing ? missingKey(path) : ruleAndMessage(issue);
  return [{ ...placeAt(path, yaml), path: pathText(path), ...what }];
}

/** Of a union's alternatives, the one whose kind the value has: its complaints are the ones that help. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const ofItsKind = branches.find((issues) =>
    issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0),
  );
  return ofItsKind ?? branches[0]!;
}

function ruleAndMessage(issue: Issue): { rule: string; message: string } {
  if (issue.code === "invalid_type") {
    return { rule: "wrong-type", message: `Must be ${KINDS[issue.expected] ?? issue.expected}.` };
  }
  const message = issue.message.slice(0, MAX_MESSAGE);
  if (issue.code === "custom" && typeof issue.params?.["rule"] === "string") {
    return { rule: issue.params["rule"], message };
  }
  return { rule: "invalid-value", message };
}

function missingKey(path: Path): { rule: string; message: string } {
  return { rule: "missing-key", message: `The key "${pathText(path.slice(-1))}" is missing.` };
}

function unknownKey(key: string, parent: Path, { schema, yaml, at }: Complaint): Problem {
  const path = [...at, ...parent];
  const place = keyPlace(key, path, yaml) ?? placeAt(path, yaml);
  const renamed = renamedKey(path, key);
  if (renamed !== undefined) {
    const message = `"${key}" is now called "${renamed.now}"; run ${renamed.migrate} FILE.`;
    return { ...place, path: pathText([...path, key]), rule: "renamed-key", message };
  }
  const meant = nearest(key, knownKeys(schema, parent));
  const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  const message = `Unknown key "${printable(key, MAX_WORD)}".${hint}`;
  return { ...place, path: pathText([...path, key]), rule: "unknown-key", message };
}

/** The place of the value at a path, or of the nearest thing around it that there is. */
export function placeAt(path: Path, { document, lines }: YamlDocument): Place {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return placeOf(lines, node.range[0]);
  }
  return placeOf(lines, document.contents?.range?.[0] ?? 0);
}

/** The place of a key of the map at a path. */
export function keyPlace(key: string, parent: Path, { document, lines }: YamlDocument): Place | undefined {
  const map = parent.length === 0 ? document.contents : document.getIn(parent, true);
  if (!isMap(map)) return undefined;
  const pair = (map.items as Pair<Node, Node>[]).find(
    (each) => isPair(each) && isScalar(each.key) && each.key.value === key,
  );
  return pair?.key.range ? placeOf(lines, pair.key.range[0]) : undefined;
}

/** A path for people: `rules[0].require`. */
export function pathText(path: Path): string {
  return path
    .map((part, at) =>
      typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${printable(String(part), MAX_WORD)}`,
    )
    .join("");
}
