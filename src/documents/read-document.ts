import type { ZodType } from "zod";

import type { Parsed } from "../core/index.ts";
import { parseYaml } from "./parse-yaml.ts";
import { schemaProblems } from "./schema-problems.ts";

/** What a ConfigMap can hold. */
export const MAX_BYTES = 1024 * 1024;

/**
 * Reads one YAML 1.2 document that a person wrote, strictly: at most 1 MiB, no duplicate keys, no aliases, no second
 * document, and nothing that `schema` does not name. Never throws; at most 100 problems, each with its line and
 * column. Rules: `too-large`, `too-deep`, `yaml`, `duplicate-key`, `alias`, `unknown-key`, `renamed-key`, `missing-key`,
 * `invalid-key`, `wrong-type`, `invalid-value`, and those that the schema names itself.
 */
export function readDocument<T>(text: string, schema: ZodType<T>): Parsed<T> {
  const read = readChecked(text, schema);
  return read.ok ? { ok: true, value: read.value.value } : read;
}

/** A document with what it says before the schema read it: plain values. */
export interface CheckedDocument<T> {
  readonly value: T;
  readonly content: unknown;
}

/** As `readDocument`, with the plain values, for who hands them on to another thread. */
export function readChecked<T>(text: string, schema: ZodType<T>): Parsed<CheckedDocument<T>> {
  const yaml = parseYaml(text, MAX_BYTES);
  if (!yaml.ok) return yaml;
  const { content } = yaml.value;
  const parsed = schema.safeParse(content);
  if (parsed.success) return { ok: true, value: { value: parsed.data, content } };
  return {
    ok: false,
    problems: schemaProblems({ issues: parsed.error.issues, schema, yaml: yaml.value, at: [] }),
  };
}
