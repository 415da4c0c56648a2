import { readdirSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readPlacedManifests } from "../documents/index.ts";
import { parsePolicy } from "../policy/index.ts";
import { importPolicy } from "./import-policy.ts";
import { nobodysKey } from "./unusable-key.ts";

const FOLDER = "test/fixtures/import";
const OPTIONS = { trustRoots: new Map<string, string>(), acceptLoss: false };
/** Every fixture as plain objects, its keys put in. */
const FIXTURES = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(`${FOLDER}/${name}`, "utf8").replaceAll(
    /^( *)@[A-Z_]+@$/gm,
    (_, indent: string) => nobodysKey().trim().replaceAll(/^/gm, indent),
  );
  const read = readPlacedManifests(text);
  if (!read.ok) throw new Error(`${name}: ${JSON.stringify(read.problems)}`);
  const objects = read.value.flatMap(({ content }) => (content as { items?: unknown[] }).items ?? [content]);
  return { name, objects: JSON.parse(JSON.stringify(objects)) as Foreign[] };
});

interface Foreign {
  readonly kind: string;
  readonly spec: { readonly rules?: readonly object[] };
}
type Place = readonly (string | number)[];

/** The paths of all values below a value. */
function placesIn(value: unknown, path: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => placesIn(each, [...path, key]))];
}

/** A copy in which the value at a path is another. */
function changed(value: unknown, [key, ...rest]: Place, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  copy[key] = changed(copy[key], rest, change);
  return copy;
}

function imported(objects: unknown, options = OPTIONS): ReturnType<typeof importPolicy> {
  return importPolicy(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }), options);
}

/** Sections that are the engine's own words, and are not looked into. */
const OPAQUE =
  /(?:^|\.)(?:metadata|sigstoreKeys|policy|match|exclude|preconditions|conditions|validate|annotations|matchLabels|resourceRules|additionalExtensions|selector)(?:\.|$)/;

describe("importPolicy", () => {
  it("reads twenty fixtures and more", () => {
    expect(FIXTURES.length).toBeGreaterThanOrEqual(20);
  });

  it.each(FIXTURES)("refuses where a field is not known, wherever it stands: $name", ({ objects }) => {
    const places = placesIn(objects).filter((path) => {
      const text = path.slice(1).join(".");
      return isPolicy(objects, path) && !OPAQUE.test(text) && isMap(objects, path);
    });
    expect(places.length).toBeGreaterThan(0);
    for (const path of places) {
      const odd = changed(objects, path, (old) => ({ ...(old as object), onlyOnSundays: true }));
      const result = imported(odd);
      const [losses, policy] = result.ok ? [result.value.losses, result.value.policy] : [[], ""];
      const noted = losses.some((loss) => loss.effect === "weaker" && loss.path.endsWith("onlyOnSundays"));
      expect([path.join("."), noted, policy.includes("not-imported")]).toEqual([path.join("."), true, true]);
    }
  });

  it("never throws, and writes nothing that our policy does not take, whatever is done to a good document", () => {
    const junk = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant([]),
      fc.constant({}),
      fc.constantFrom("^(", "**", "*", "__proto__", "a".repeat(600), "{{ x }}", "k8s://a/b", "\u0000"),
    );
    const cases = fc.record({ at: fc.nat(), which: fc.nat(), value: junk, acceptLoss: fc.boolean() });
    const run = (): void =>
      fc.assert(
        fc.property(cases, ({ at, which, value, acceptLoss }) => {
          const { objects } = FIXTURES[which % FIXTURES.length]!;
          const places = placesIn(objects).filter((path) => path.length > 1);
          const odd = changed(objects, places[at % places.length]!, () => value);
          const result = imported(odd, { ...OPTIONS, acceptLoss });
          if (!result.ok) return result.problems.length > 0;
          return parsePolicy(result.value.policy).ok;
        }),
        { numRuns: 200, seed: 7 },
      );
    expect(run).not.toThrow();
  });

  it("names problems of a shape by their place, and never a policy of what it could not read", () => {
    const result = importPolicy(
      "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: { name: a }\nspec:\n  rules: [{ name: 3 }]\n",
      OPTIONS,
    );
    expect(result).toMatchObject({
      ok: false,
      problems: [{ line: 5, path: "spec.rules[0].name", rule: "wrong-shape" }],
    });
  });

  it.each(["constructor/v1", "__proto__/v1", "kyverno.io"])("takes %s for no policy", (apiVersion) => {
    const object = { apiVersion, kind: "toString", metadata: { name: "a" } };
    expect(imported([object])).toMatchObject({ ok: false, problems: [{ rule: "no-policy" }] });
  });
});

/** Within what the importer carries over: a policy, and of Kyverno's its rules that verify images. */
function isPolicy(objects: readonly Foreign[], [at, spec, rules, nth]: Place): boolean {
  const object = objects[Number(at)];
  if (object === undefined || object.kind === "TrustRoot" || spec !== "spec") return false;
  return rules !== "rules" || nth === undefined || "verifyImages" in object.spec.rules![Number(nth)]!;
}

function isMap(objects: unknown, path: Place): boolean {
  const value = path.reduce<unknown>((here, key) => (here as Record<string | number, unknown>)[key], objects);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
