import { fileURLToPath } from "node:url";

import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { type Outcome, runTarget } from "../fuzz/run-target.ts";
import { growthOf, MAX_RATIO } from "../fuzz/scaling.ts";
import { Supervisor } from "../fuzz/supervise.ts";
import { hold, LIMIT_MS, target } from "../fuzz/target.ts";
import { TARGETS } from "../fuzz/targets.ts";

const PLAN = { seed: 7, ms: 300 };
const NUMBERS = fc.nat({ max: 1000 });

/** Takes so much of the processor's time. */
function busy(ms: number): void {
  const begin = process.threadCpuUsage();
  for (let spent = 0; spent < ms * 1000;) {
    const { user, system } = process.threadCpuUsage(begin);
    spent = user + system;
  }
}

function planted(call: (input: number) => unknown, more: object = {}): Promise<Outcome> {
  return runTarget(target({ inputs: NUMBERS, call, ...more }), PLAN);
}

async function inputsOf(seed: number): Promise<readonly number[]> {
  const seen: number[] = [];
  await runTarget(target({ inputs: NUMBERS, call: (input) => void seen.push(input) }), { seed, ms: 50 });
  return seen.slice(0, 100);
}

function throwing(input: number): void {
  if (input > 99) throw input > 500 ? new TypeError("other") : new SyntaxError("documented");
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof SyntaxError;
}

describe("the fuzzer", () => {
  it("passes what keeps its promises, and counts its runs", async () => {
    const { runs, failure } = await planted((input) => input + 1, {
      check: (answer: number, input: number) => hold(answer === input + 1, "not one more"),
    });
    expect([runs > 0, failure]).toEqual([true, undefined]);
  });

  it.each<[string, (input: number) => unknown, object, string]>([
    ["a throw", (input) => (input > 99 ? JSON.parse("{") : input), {}, "JSON"],
    [
      "a broken promise",
      (input) => input,
      { check: (answer: number) => hold(answer < 100, "a hundred or more") },
      "a hundred or more",
    ],
    ["a rejection", (input) => (input > 99 ? Promise.reject(new TypeError("late")) : input), {}, "late"],
  ])(
    "finds %s, shrinks it, and finds it again",
    async (_, call, more, message) => {
      const { failure } = await planted(call, more);
      expect(failure?.message).toContain(message);
      expect(failure?.counterexample).toBe("100");
      const again = await runTarget(target({ inputs: NUMBERS, call, ...more }), { ...PLAN, ...failure });
      expect(again.failure?.counterexample).toBe("100");
    },
    120_000,
  );

  it("lets through throws that are documented, and only those", async () => {
    expect((await planted(throwing, { mayThrow: isSyntaxError })).failure?.message).toContain("other");
  });

  it("finds a slow call", async () => {
    const { failure } = await planted((input) => busy(input > 99 ? 2 * LIMIT_MS : 0));
    expect(failure?.message).toContain("it takes");
    expect(Number(failure?.counterexample)).toBeGreaterThan(99);
  }, 120_000);

  it("takes no single slow call for a slow target", async () => {
    let calls = 0;
    const { failure } = await planted(() => busy((calls += 1) === 3 ? 3 * LIMIT_MS : 0));
    expect(failure).toBeUndefined();
  });

  it("gives the same inputs for the same seed", async () => {
    const first = await inputsOf(1);
    expect(await inputsOf(1)).toEqual(first);
    expect(await inputsOf(2)).not.toEqual(first);
  });
});

function growth(call: (input: string) => unknown): number {
  return growthOf({ name: "planted", bytes: 4000, inputOf: (bytes) => "x".repeat(bytes), call }).ratio;
}

describe("the comparison of sizes", () => {
  it("passes what costs four times as much for four times the input", () => {
    expect(growth((input) => busy(input.length / 50))).toBeLessThanOrEqual(MAX_RATIO);
  });

  it("finds what costs the square of its input", () => {
    expect(growth((input) => busy((input.length / 200) ** 2 / 4))).toBeGreaterThan(MAX_RATIO);
  });
});

describe("the thread of the fuzzer", () => {
  const supervisor = new Supervisor(1000);
  afterAll(() => supervisor.close());

  it("is ended where a call never returns, with the path to it, and another one goes on", async () => {
    const { failure } = await supervisor.run({ module: moduleOf("while (input > 99);"), ...PLAN });
    expect(failure?.message).toContain("does not return");
    expect(failure?.path).toMatch(/^\d+$/);
    for (const body of ["return input;", "return -input;"])
      expect((await supervisor.run({ module: moduleOf(body), ...PLAN })).failure).toBeUndefined();
  }, 120_000);

  it("says why a target cannot be opened", async () => {
    await expect(
      supervisor.run({ module: "data:text/javascript,throw new Error('shut')", ...PLAN }),
    ).rejects.toThrow("shut");
  }, 120_000);
});

/** A module of a target whose call has this body. */
function moduleOf(body: string): string {
  const [library, made] = ["../../node_modules/fast-check/lib/fast-check.js", "../fuzz/target.ts"].map(
    (path) => new URL(path, import.meta.url).href,
  );
  const source = `
    import * as fc from ${JSON.stringify(library)};
    import { target } from ${JSON.stringify(made)};
    export const open = () => target({ inputs: fc.nat({ max: 1000 }), call: (input) => { ${body} } });`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

describe("the targets of the fuzzer", () => {
  it("are many, each in a file of its own", () => {
    expect(Object.keys(TARGETS).length).toBeGreaterThanOrEqual(19);
    expect(new Set(Object.values(TARGETS).map((each) => fileURLToPath(each))).size).toBe(
      Object.keys(TARGETS).length,
    );
  });

  it.each(Object.entries(TARGETS))(
    "%s takes inputs",
    async (_, module) => {
      const { open } = (await import(module.href)) as {
        open: () => Parameters<typeof runTarget>[0] | Promise<Parameters<typeof runTarget>[0]>;
      };
      const { runs, failure } = await runTarget(await open(), { seed: 1, ms: 1 });
      expect(failure).toBeUndefined();
      expect(runs).toBeGreaterThan(0);
    },
    60_000,
  );
});
