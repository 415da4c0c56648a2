import { describe, expect, it } from "vitest";

import { activityOf } from "./activity.ts";
import { blockersOf, criticalPath, cyclesIn, levelsOf, mapOf } from "./graph.ts";
import type { RunsWhen, Stage } from "./pipeline.ts";

interface Written {
  readonly needs?: readonly string[];
  readonly runs?: RunsWhen;
  readonly mayFail?: boolean;
}

function stages(written: Readonly<Record<string, Written>>): Stage[] {
  const success: RunsWhen = { kind: "success" };
  return Object.entries(written).map(([id, { needs = [], runs = success, mayFail = false }]) => ({
    id,
    title: id,
    file: "a.yml",
    line: 1,
    column: 1,
    needs,
    runs,
    condition: undefined,
    copies: 1,
    environment: undefined,
    mayFail,
    activity: activityOf([]),
    signer: undefined,
  }));
}

function blocking(id: string, written: Readonly<Record<string, Written>>): string[] {
  return [...blockersOf(id, mapOf(stages(written)))].toSorted();
}

function judging(each: string): Written {
  return { needs: [each], runs: { kind: "anyway", judges: [each] } };
}

describe("what stops a stage", () => {
  it("is everything before it, however far back", () => {
    expect(blocking("c", { a: {}, b: { needs: ["a"] }, c: { needs: ["b"] }, d: {} })).toEqual(["a", "b"]);
  });

  it("is everything before it even behind a stage that runs anyway", () => {
    const gate = { needs: ["a"], runs: { kind: "anyway", judges: [] } } as const;
    expect(blocking("c", { a: {}, gate, c: { needs: ["gate"] } })).toEqual(["a", "gate"]);
  });

  it("is nothing where it runs anyway and judges nothing", () => {
    expect(blocking("b", { a: {}, b: { needs: ["a"], runs: { kind: "anyway", judges: [] } } })).toEqual([]);
  });

  it("is what it judges, and what that is stopped by, where it runs anyway", () => {
    const runs = { kind: "anyway", judges: ["b"] } as const;
    expect(blocking("d", { a: {}, b: { needs: ["a"] }, c: {}, d: { needs: ["b", "c"], runs } })).toEqual([
      "a",
      "b",
    ]);
  });

  it("is no stage that may fail", () => {
    expect(blocking("b", { a: { mayFail: true }, b: { needs: ["a"] } })).toEqual([]);
  });

  it("ends in a circle of stages that judge one another", () => {
    expect(blocking("a", { a: judging("b"), b: judging("a") })).toEqual(["a", "b"]);
  });
});

describe("the graph of a pipeline", () => {
  it("has a level for each stage, and none for those in a circle or behind one", () => {
    const levels = levelsOf(
      stages({
        a: {},
        b: { needs: ["a"] },
        c: { needs: ["a", "b"] },
        d: { needs: ["e"] },
        e: { needs: ["d"] },
      }),
    );
    expect([...levels]).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  it("names one circle of each group, in the order of needs", () => {
    const written = {
      a: { needs: ["c"] },
      b: { needs: ["a"] },
      c: { needs: ["b"] },
      d: { needs: ["d"] },
      e: {},
    };
    expect(cyclesIn(stages(written))).toEqual([["a", "c", "b"], ["d"]]);
  });

  it("has the longest chain by time, not by number of stages, as its critical path", () => {
    const seconds: Record<string, number> = { a: 1, b: 1, c: 1, slow: 10 };
    const written = { a: {}, b: { needs: ["a"] }, slow: {}, c: { needs: ["b", "slow"] } };
    expect(criticalPath(stages(written), ({ id }) => seconds[id])).toEqual({
      stages: ["slow", "c"],
      seconds: 11,
    });
  });

  it("has no critical path where no duration is known", () => {
    expect(criticalPath(stages({ a: {} }), () => undefined)).toBeUndefined();
  });
});
