import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Case } from "../../rego/case.ts";
import { codesOf, differing, told } from "../../rego/compare.ts";
import { conftest, type CorpusFiles, type RegoAnswer, writeCorpus } from "../../rego/conftest.ts";
import { corpus } from "../../rego/corpus.ts";
import { type Limit, limits } from "../../rego/limits.ts";
import { GATE_MUTANTS, REGO_MUTANTS } from "../../rego/mutants-of-rego.ts";
import { TYPESCRIPT_MUTANTS } from "../../rego/mutants-of-typescript.ts";
import { answersOfTrials, inCopy, type Mutant, mutate, type TrialAnswers } from "../../rego/mutate.ts";
import { answerOfTypeScript } from "../../rego/typescript.ts";

const CASES = corpus();
const GATE = new Map(CASES.map((each) => [each.name, answerOfTypeScript(each)]));

function partOf({ caughtBy }: Mutant): Case[] {
  return CASES.filter(({ name }) => name.startsWith(`${caughtBy}-`));
}

/** The corpus and its parts, each written once. */
const written = new Map<string, Promise<CorpusFiles>>();
function files(name: string, cases: readonly Case[]): Promise<CorpusFiles> {
  const made = written.get(name) ?? writeCorpus(cases);
  written.set(name, made);
  return made;
}

let rego: ReadonlyMap<string, RegoAnswer>;

beforeAll(async () => {
  rego = await (await files("all", CASES)).answers();
});

afterAll(async () => {
  for (const each of written.values()) await (await each).remove();
});

describe("the policy in Rego", () => {
  it("is formatted, and passes its own tests: the case of an expired waiver and its twin among them", async () => {
    expect(await conftest("fmt", "--check", "policy", "test/rego")).toMatchObject({ code: 0 });
    const { code, stdout } = await conftest("verify", "--strict", "--policy", "policy");
    const [, tests, passed] = /(\d+) tests, (\d+) passed/.exec(stdout) ?? [];
    expect({ code, passed }).toEqual({ code: 0, passed: tests });
    expect(Number(tests)).toBeGreaterThanOrEqual(21);
  });

  it("passes the waivers of this repository, and fails on a list with faults", async () => {
    const lint = ["--policy", "policy", "--namespace", "waiver_registry", "--output", "json"];
    const good = await conftest("test", "policy/waivers.yaml", ...lint);
    expect(good).toMatchObject({ code: 0 });
    expect(JSON.parse(good.stdout)).toMatchObject([{ successes: expect.any(Number) as number }]);
    const { text } = CASES.find(({ name }) => name === "twin-1")!;
    const bad = await inCopy([], async (folder) => {
      await writeFile(join(folder, "waivers.yaml"), text);
      return conftest("test", join(folder, "waivers.yaml"), ...lint);
    });
    expect(bad).toMatchObject({ code: 1 });
    expect(bad.stdout).toContain("a: Another waiver has the same id.");
  });
});

describe("the corpus", () => {
  it("has at least 500 cases of every kind of answer", () => {
    expect(CASES.length).toBeGreaterThanOrEqual(500);
    expect(GATE.size).toBe(CASES.length);
    const answers = [...GATE.values()];
    const states = answers.flatMap(({ accepted }) => Object.values(accepted).map(({ state }) => state));
    expect([...new Set(states)].toSorted()).toEqual(["active", "ending", "expired", "pending"]);
    expect(new Set(answers.flatMap(codesOf)).size).toBeGreaterThanOrEqual(40);
    const covered = answers.filter(({ covering }) => covering.some((id) => id !== "none"));
    expect(covered.length).toBeGreaterThan(50);
  });

  it("is answered alike by TypeScript and Rego, every case", () => {
    expect(rego.size).toBe(CASES.length);
    expect(
      differing(
        CASES,
        (name) => GATE.get(name),
        (name) => rego.get(name),
      ),
    ).toEqual([]);
  });

  it("is explained to people, every code in a sentence", () => {
    const wrong = [...rego.values()].filter((each) => {
      const { document, refused } = told(each);
      return JSON.stringify([document, refused]) !== JSON.stringify([each.document, each.refused]);
    });
    expect(wrong).toEqual([]);
  });

  it.for<Limit>(limits())("lacks what the engines see differently: $case.name", async (limit) => {
    const gate = codesOf(answerOfTypeScript(limit.case)).join(", ") || "accepted";
    const own = await files(limit.case.name, [limit.case]);
    const answers = await own.answers().catch(() => undefined);
    const answer = answers?.get(limit.case.name);
    const said = answer === undefined ? "unreadable" : codesOf(answer).join(", ") || "accepted";
    expect({ gate, rego: said }).toEqual({ gate: limit.gate, rego: limit.rego });
  });
});

describe.concurrent("a mistake in Rego is caught", () => {
  it.for<Mutant>(REGO_MUTANTS)("$file: $what", async (mutant) => {
    const cases = partOf(mutant);
    const { answers } = await files(mutant.caughtBy, cases);
    const mutated = await inCopy(["policy"], async (folder) => {
      await mutate(folder, mutant);
      return answers(join(folder, "policy"));
    });
    expect(mutated.size).toBeGreaterThan(0);
    expect(
      differing(
        cases,
        (name) => GATE.get(name),
        (name) => mutated.get(name),
      ),
    ).not.toEqual([]);
  });

  it.for<Mutant>(GATE_MUTANTS)("$file: $what", async (mutant) => {
    const { code, stdout } = await inCopy(["policy"], async (folder) => {
      await mutate(folder, mutant);
      return conftest("verify", "--policy", join(folder, "policy"));
    });
    expect({ code, failed: / [1-9]\d* failures?,/.test(stdout) }).toEqual({ code: 1, failed: true });
  });
});

/** The cases on which a copy and Rego differ. */
function unlikeRego(cases: readonly Case[], trial: TrialAnswers | undefined): object[] {
  if (trial === undefined || "failed" in trial) throw new Error(trial?.failed ?? "no answers");
  const byName = new Map(cases.map(({ name }, index) => [name, trial.answers[index]!]));
  return differing(
    cases,
    (name) => byName.get(name),
    (name) => rego.get(name),
  );
}

describe("a mistake in TypeScript is caught", () => {
  let unchanged: TrialAnswers;
  const trials = new Map<Mutant, TrialAnswers>();

  beforeAll(async () => {
    const mutated = TYPESCRIPT_MUTANTS.map((mutant) => ({ mutant, cases: partOf(mutant) }));
    const [first, ...others] = await answersOfTrials([{ cases: CASES }, ...mutated]);
    unchanged = first!;
    for (const [index, { mutant }] of mutated.entries()) trials.set(mutant, others[index]!);
  });

  it("and only a mistake: a copy without one answers as before", () => {
    expect(unlikeRego(CASES, unchanged)).toEqual([]);
  });

  it.for<Mutant>(TYPESCRIPT_MUTANTS)("$file: $what", (mutant) => {
    expect(unlikeRego(partOf(mutant), trials.get(mutant))).not.toEqual([]);
  });

  it("and so are at least 20 on either side", () => {
    expect(Math.min(REGO_MUTANTS.length, TYPESCRIPT_MUTANTS.length)).toBeGreaterThanOrEqual(20);
  });
});
