import { type Document, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from "yaml";

import type { Parsed, Problem } from "../core/index.ts";
import { obstacleIn } from "./nesting.ts";

const MAX_PROBLEMS = 100;

/** A parsed YAML document with what is needed to point into its text. */
export interface YamlDocument {
  readonly content: unknown;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** The same, with what was read over. */
export interface ReadYaml extends YamlDocument {
  /** What readers understand differently; empty unless the text was parsed loosely. */
  readonly looseEnds: readonly Problem[];
}

/** A place in a text, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of an offset. */
export function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/**
 * Parses one YAML 1.2 document of at most `maxBytes`, without aliases, foreign tags and duplicate keys. Never throws;
 * linear in the text's length, no matter who wrote it. Loosely, aliases and duplicate keys are reported and read over, so
 * that a lint can continue to the rest; what is read so is never put in force.
 */
export function parseYaml(text: string, maxBytes: number, { loosely = false } = {}): Parsed<ReadYaml> {
  if (Buffer.byteLength(text) > maxBytes) return refused("too-large", `Larger than ${maxBytes} bytes.`);
  const obstacle = obstacleIn(text);
  if (obstacle !== undefined) return refused(obstacle.rule, obstacle.message, placeIn(text, obstacle.offset));
  try {
    return parse(text, loosely);
  } catch {
    return refused("too-deep", "Nested too deep."); // the parser recurses, and its stack is the last bound
  }
}

/** A document that is refused as a whole. */
export function refused<T>(rule: string, message: string, place: Place = { line: 1, column: 1 }): Parsed<T> {
  return { ok: false, problems: [{ ...place, path: "", rule, message }] };
}

function parse(text: string, loosely: boolean): Parsed<ReadYaml> {
  const lines = new LineCounter();
  // Both options cost the square of a hostile text; duplicate keys are looked for below, and places come from `lines`.
  const document = parseDocument(text, {
    lineCounter: lines,
    version: "1.2",
    uniqueKeys: false,
    prettyErrors: false,
  });
  const broken = yamlProblems([...document.errors, ...document.warnings], lines);
  const loose = broken.length > 0 ? [] : looseEnds(document, lines, { aliases: false });
  const problems = loosely ? broken : [...broken, ...loose];
  if (problems.length > 0) return { ok: false, problems };
  const content: unknown = document.toJS({ maxAliasCount: loose.length > 0 ? MAX_PROBLEMS : 0 });
  return { ok: true, value: { content, document, lines, looseEnds: loose } };
}

/** The parser's own complaints. */
export function yamlProblems(errors: Document["errors" | "warnings"], lines: LineCounter): Problem[] {
  return errors
    .slice(0, MAX_PROBLEMS)
    .map((error) =>
      isOutOfStack(error)
        ? problem(lines, error.pos[0], "too-deep", "Nested too deep.")
        : problem(lines, error.pos[0], "yaml", error.message.slice(0, 200)),
    );
}

/** The parser turns what it runs out of into its own problem, whose text is the runtime's. */
function isOutOfStack({ code }: Document["errors" | "warnings"][number]): boolean {
  return code === "RESOURCE_EXHAUSTION";
}

/** What YAML allows and readers understand differently: keys that occur twice or are not text, and aliases. */
export function looseEnds(
  document: Document,
  lines: LineCounter,
  allowed: { readonly aliases: boolean },
): Problem[] {
  const problems: Problem[] = [];
  const collect = (found: readonly Problem[]): symbol | undefined => {
    problems.push(...found);
    return problems.length < MAX_PROBLEMS ? undefined : visit.BREAK;
  };
  visit(document, {
    Alias: (_, { range }) => {
      if (allowed.aliases) return undefined;
      const message = "An alias; write the value out, so that each reader sees it where it counts.";
      return collect([problem(lines, range?.[0] ?? 0, "alias", message)]);
    },
    Map: (_, map) => collect(badKeys(map, lines)),
  });
  return problems.slice(0, MAX_PROBLEMS);
}

function badKeys(map: YAMLMap, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const offset = offsetOf(key) ?? map.range?.[0] ?? 0;
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined || name === "__proto__") {
      problems.push(problem(lines, offset, "yaml", "Not a plain key."));
    } else if (seen.has(name)) {
      const message = `The key "${name.slice(0, 60)}" occurs twice.`;
      problems.push(problem(lines, offset, "duplicate-key", message));
    } else seen.add(name);
  }
  return problems;
}

function offsetOf(key: unknown): number | undefined {
  return isScalar(key) ? key.range?.[0] : undefined;
}

function problem(lines: LineCounter, offset: number, rule: string, message: string): Problem {
  return { ...placeOf(lines, offset), path: "", rule, message };
}

/** The place of an offset, for a text that was not parsed. */
export function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
