import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { migrateKeys } from "./migrate-keys.ts";
import { RENAMED_KEYS } from "./renamed-keys.ts";

const OLD = `# the team's policy
rules:
- name: app   # every image
  require:
    sbom:
      threshold: {least: 2, of: [a, b]}

      leastComponents:   5   # five
authorities:
  a: &first
    keyless:
      claims: { "sourceOwner": https://github.com/acme, 'trigger' : push }
`;

const NEW = OLD.replace("least:", "count:")
  .replace("leastComponents", "minComponents")
  .replace("sourceOwner", "sourceRepositoryOwnerURI")
  .replace("trigger", "buildTrigger");

function textOf(text: string): string | undefined {
  const migrated = migrateKeys(text);
  return migrated.ok ? migrated.value.text : undefined;
}

function keyWith(setting: string, value: string): string {
  return `authorities:\n  a:\n    key:\n      ${setting}: ${value}\n`;
}

describe("migrateKeys", () => {
  it("renames keys, and keeps comments, order, quotes, anchors and spaces", () => {
    expect(textOf(OLD)).toBe(NEW);
  });

  it("keeps line ends of Windows, and a text without a last one", () => {
    expect(textOf(OLD.trimEnd().replaceAll("\n", "\r\n"))).toBe(NEW.trimEnd().replaceAll("\n", "\r\n"));
  });

  it("tells each key with its line, column and path", () => {
    const migrated = migrateKeys(OLD);
    const told = migrated.ok ? migrated.value.migrations : [];
    expect(told.map(({ line, column, path, now }) => [line, column, path, now])).toEqual([
      [6, 19, "rules[0].require.sbom.threshold.least", "count"],
      [8, 7, "rules[0].require.sbom.leastComponents", "minComponents"],
      [12, 17, "authorities.a.keyless.claims.sourceOwner", "sourceRepositoryOwnerURI"],
      [12, 57, "authorities.a.keyless.claims.trigger", "buildTrigger"],
    ]);
  });

  it("leaves a migrated document as it is", () => {
    expect(migrateKeys(NEW)).toEqual({ ok: true, value: { text: NEW, migrations: [] } });
  });

  it.each([
    ["in a place where the word was never renamed", "least: 1\ntrigger: push\nclaims: { trigger: push }\n"],
    ["as a value", "keyless: { claims: { runnerEnvironment: trigger } }\n"],
    ["in a comment", "rules: [] # leastComponents: 5\n"],
  ])("leaves an old word alone %s", (_, text) => {
    expect(textOf(text)).toBe(text);
  });

  it("renames a key once where an alias repeats its map", () => {
    const text = "a: { sbom: &x { leastComponents: 1 } }\nb: { sbom: *x }\n";
    expect(textOf(text)).toBe(text.replace("leastComponents", "minComponents"));
  });

  it.each([
    ["required", "false"],
    ["notRequired", "true"],
    ['"notRequired" # no log here', "true # no log here"],
    ["sometimes", "sometimes"],
  ])("renames the value %s of transparencyLog to %s", (value, now) => {
    expect(textOf(keyWith("transparencyLog", value))).toBe(keyWith("transparencyLogNotRequiredUnsafe", now));
  });

  it("refuses a map with both names, with the place of the old one", () => {
    expect(migrateKeys("sbom:\n  minComponents: 1\n  leastComponents: 2\n")).toEqual({
      ok: false,
      problems: [
        {
          line: 3,
          column: 3,
          path: "sbom.leastComponents",
          rule: "renamed-key",
          message: '"leastComponents" is now called "minComponents", and both are here; remove one.',
        },
      ],
    });
  });

  it.each([
    [
      "a key that an alias brings in from elsewhere",
      "x: &x { leastComponents: 1 }\nsbom: *x\n",
      "not-edited",
    ],
    ["text that is not YAML", "sbom: {", "yaml"],
  ])("refuses %s", (_, text, rule) => {
    expect(migrateKeys(text)).toMatchObject({ ok: false, problems: [{ rule }] });
  });

  it.each(RENAMED_KEYS)("renames $old under $under to $now", ({ under, old, now }) => {
    const written = (key: string): string =>
      stringify(
        under.reduceRight<object>((inner, name) => ({ [name.replace("*", "x")]: inner }), { [key]: "v" }),
      );
    expect(textOf(written(old))).toBe(written(now));
  });

  it("finds nothing more to rename in what it wrote, and as many values as before", () => {
    const word = fc.constantFrom(
      ...RENAMED_KEYS.flatMap(({ under, old, now }) => [...under, old, now]),
      "other",
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(word, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (content) => {
        const after = textOf(stringify(content));
        if (after === undefined) return;
        expect(textOf(after)).toBe(after);
        expect(valuesIn(parse(after))).toEqual(valuesIn(content));
      }),
    );
  });
});

function valuesIn(content: unknown): unknown[] {
  if (typeof content !== "object" || content === null) return [content];
  return Object.values(content).flatMap(valuesIn);
}
