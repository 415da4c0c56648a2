import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { ChartValues } from "../scripts/chart-values.ts";
import { SCHEMAS, schemaText } from "../scripts/schema-texts.ts";
import { GATES, parsePolicy } from "../src/policy/index.ts";
import { parseRevocations } from "../src/revocations/index.ts";
import { MAX_LIFE, parseWaivers } from "../src/waivers/index.ts";

describe("the schemas that ship with the package and the chart", () => {
  it.each(Object.keys(SCHEMAS))("%s is what the code reads today", (path) => {
    expect(readFileSync(path, "utf8"), "run: npm run schemas").toBe(schemaText(path));
  });

  it("are all of the folder", () => {
    const written = Object.keys(SCHEMAS).filter((path) => path.startsWith("schemas/"));
    expect(
      readdirSync("schemas")
        .map((name) => `schemas/${name}`)
        .toSorted(),
    ).toEqual(written.toSorted());
  });

  it("let the chart's own values through", () => {
    const values = parse(readFileSync("charts/mc-gate/values.yaml", "utf8"));
    expect(ChartValues.safeParse(values).error).toBeUndefined();
    expect(ChartValues.safeParse({ ...values, replicaCount: 3 }).success).toBe(false);
  });
});

describe("the sample documents", () => {
  it("hold a policy that parses", () => {
    const parsed = parsePolicy(readFileSync("policy/policy.yaml", "utf8"));
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  });

  it("hold a policy that needs no Secret and no file, so that a gate with it becomes ready", () => {
    const parsed = parsePolicy(readFileSync("policy/policy.yaml", "utf8"));
    const sources = parsed.ok ? [...parsed.value.trustRoots.values()].map(({ source }) => source) : [];
    expect(sources).toEqual(["publicGood"]);
    expect(parsed.ok && parsed.value.secretKeys).toEqual([]);
  });

  it("hold waivers of which every one counts within its window", () => {
    const parsed = parseWaivers(readFileSync("policy/waivers.yaml", "utf8"));
    expect(parsed.ok ? parsed.value.problems : parsed.problems).toEqual([]);
    expect(parsed.ok && parsed.value.waivers.map(({ class: kind }) => kind)).toEqual([
      "signature",
      "provenance",
      "vulnerability",
    ]);
  });
});

describe("the sample revocations", () => {
  it("are read whole", () => {
    const parsed = parseRevocations(readFileSync("policy/revocations.yaml", "utf8"));
    expect(parsed.ok ? parsed.value.entries.map(({ id }) => id) : parsed.problems).toEqual([
      "REV-2026-001",
      "REV-2026-002",
      "REV-2026-003",
    ]);
  });
});

describe("what may be waived", () => {
  it("is every gate of a class that a waiver can name: no reference, and no expression of the policy's own", () => {
    const gates = GATES.map(({ name }) => name);
    expect(gates.filter((name) => !Object.hasOwn(MAX_LIFE, name))).toEqual(["reference", "cel"]);
  });
});
