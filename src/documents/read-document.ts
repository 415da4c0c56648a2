import type { ZodType } from "zod";

import type { Parsed } from "../core/index.ts";
import { parseYaml } from "./parse-yaml.ts";
import { schemaProblems } from "./schema-problems.ts";

/** What a ConfigMap can hold. */
export const MAX_BYTES = 1024 * 1024;

/**
 * Reads one YAML 1.2 document that a person wrote, strictly: at most 1 MiB, no duplicate keys, no aliases, no second
 * document, and nothing that `schema` does not name. Never throws; at most 100 problems, each with its line and
 * column. Rules: `too-large`, `too-deep`, `yaml`, `duplicate-key`, `alias`, `unknown-key`, `missing-key`,
 * `invalid-key`, `wrong-type`, `invalid-value`, and those that the schema names itself.
 */
export function readDocument<T>(text: string, schema: ZodType<T>): Parsed<T> {
  const yaml = parseYaml(text, MAX_BYTES);
  if (!yaml.ok) return yaml;
  const parsed = schema.safeParse(yaml.value.content);
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    problems: schemaProblems({ issues: parsed.error.issues, schema, yaml: yaml.value, at: [] }),
  };
}
