import { describe, expect, it } from "vitest";

import { Fault } from "../../core/index.ts";
import { FairScheduler, type SchedulerLimits } from "./fair-scheduler.ts";
import { Patience } from "./patience.ts";

const LIMITS: SchedulerLimits = { running: 6, ofHost: 4, waiting: 8, silentAfterMs: 5000, silent: 2 };

/** A look-up that ends when it is told to. */
interface Held {
  readonly patience: Patience;
  readonly end: () => void;
  readonly fetched: () => void;
  readonly fail: (error?: Error) => void;
  readonly result: Promise<string>;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A scheduler with look-ups by name, and which of them have begun. */
function scheduled(limits: Partial<SchedulerLimits> = {}) {
  const begun: string[] = [];
  const state = { waiting: 0, now: 0 };
  const scheduler = new FairScheduler(
    { ...LIMITS, ...limits },
    (change) => (state.waiting += change),
    () => state.now,
  );
  /** `at` is `namespace host`. */
  const start = (at: string, name: string): Held => {
    const [namespace, host] = at.split(" ") as [string, string];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const told = { fetched: undefined as (() => void) | undefined };
    const patience = new Patience(() => state.now);
    const lookUp = (onFetched: () => void): Promise<string> => {
      begun.push(name);
      told.fetched = onFetched;
      return promise;
    };
    const result = scheduler.run({ namespace, host }, lookUp, patience);
    result.catch(() => undefined);
    return {
      patience,
      end: () => resolve(name),
      fetched: () => told.fetched?.(),
      fail: (error = new Error(name)) => reject(error),
      result,
    };
  };
  const many = (at: string, ...names: readonly string[]): Held[] => names.map((name) => start(at, name));
  return { scheduler, begun, start, many, state };
}

const OVERLOADED = { code: "limits/overloaded", retryable: true };
const SILENT = { code: "registry/unavailable", retryable: true };

describe("the share of a namespace", () => {
  it("is a part of what may run, and others begin at once beside it", async () => {
    const { begun, many } = scheduled();
    many("greedy x", "g1", "g2");
    many("greedy y", "g3", "g4");
    many("other z", "o1");
    await settle();
    expect(begun).toEqual(["g1", "g2", "g3", "o1"]);
  });

  it("is not made larger by naming many hosts", async () => {
    const { begun, start } = scheduled();
    for (let at = 0; at < 6; at += 1) start(`greedy host${at}`, `g${at}`);
    await settle();
    expect(begun).toHaveLength(3);
  });

  it("is a part of what may wait: a namespace that fills it keeps nobody else from waiting", async () => {
    const { many, start, begun, state } = scheduled({ running: 2 });
    const [running] = many("greedy x", "g0");
    many("other x", "o0");
    many("greedy x", "g1", "g2", "g3");
    await expect(start("greedy x", "g4").result).rejects.toMatchObject(OVERLOADED);
    await expect(start("greedy y", "g5").result).rejects.toThrow("3 of them for this namespace");
    start("other x", "o1");
    await settle();
    expect([begun, state.waiting]).toEqual([["g0", "o0"], 4]);
    running!.end();
    await settle();
    expect(begun[2]).toBe("g1");
  });

  it("is a part of what one host may have: a namespace that fills it keeps nobody else from fetching there", async () => {
    const { begun, many } = scheduled({ running: 20 });
    many("greedy x", "g1", "g2", "g3");
    many("other x", "o1");
    await settle();
    expect(begun).toEqual(["g1", "g2", "o1"]);
  });
});

describe("turns", () => {
  it("that are waited for do not count as time in which a registry is asked", async () => {
    const { many, state } = scheduled({ running: 2 });
    const [first, second] = many("a x", "first", "second");
    await settle();
    state.now = 700;
    expect([first!.patience.askedMs, second!.patience.askedMs]).toEqual([700, 0]);
    expect(second!.patience.waitsFor).toContain("(evidence.lookUps)");
    first!.end();
    await settle();
    state.now = 800;
    expect([second!.patience.askedMs, second!.patience.waitsFor]).toEqual([100, undefined]);
  });

  it("come to namespaces one after the other, and within each to its hosts", async () => {
    const { begun, start } = scheduled({ running: 1, waiting: 100 });
    const order = ["first", "a1", "b1", "a3", "a2"];
    const held = new Map(
      [
        ["z z", "first"],
        ["a x", "a1"],
        ["a x", "a2"],
        ["a y", "a3"],
        ["b x", "b1"],
      ].map(([at, name]) => [name!, start(at!, name!)]),
    );
    for (const [nth, name] of order.entries()) {
      await settle();
      expect(begun).toEqual(order.slice(0, nth + 1));
      held.get(name)!.end();
    }
  });

  it("come to the oldest first while few wait, and to the newest while there are many", async () => {
    const { begun, many } = scheduled({ running: 2, ofHost: 1, waiting: 20 });
    const [running, ...more] = many("a x", "first", "old", "newer", "newest");
    const expected = ["first"];
    for (const [ending, next] of [
      [running!, "newest"],
      [more[2]!, "newer"],
      [more[1]!, "old"],
    ] as const) {
      ending.fail();
      await settle();
      expected.push(next);
      expect(begun).toEqual(expected);
    }
  });

  it("at a host are free once all is fetched, those of the gate once the look-up ends", async () => {
    const { begun, many } = scheduled({ running: 4, ofHost: 2 });
    const [first, second] = many("a x", "a1", "a2", "a3");
    await settle();
    expect(begun).toEqual(["a1"]);
    first!.fetched();
    await settle();
    expect(begun).toEqual(["a1", "a2"]);
    second!.fetched();
    await settle();
    expect(begun).toEqual(["a1", "a2"]); // two of four places are all that one namespace gets
    first!.end();
    await settle();
    expect(begun).toEqual(["a1", "a2", "a3"]);
  });

  it("leave nothing behind: places, waiting and names", async () => {
    const { scheduler, many, state } = scheduled();
    const all = [...many("a x", "a1", "a2", "a3", "a4"), ...many("b y", "b1")];
    for (const each of all) each.end();
    await Promise.all(all.map(({ result }) => result));
    await settle();
    expect([state.waiting, scheduler.isBusy({ host: "x" })]).toEqual([0, false]);
    const again = many("a x", "c1", "c2");
    await settle();
    expect(again).toHaveLength(2);
  });
});

/** Two look-ups of one namespace hang at one host for longer than they may. */
async function silent(world: ReturnType<typeof scheduled>): Promise<Held[]> {
  const hanging = world.many("a x", "a1", "a2");
  await settle();
  world.state.now = 5001;
  return hanging;
}

describe("a host that answers nothing", () => {
  it("has one look-up of each namespace at a time, and the others are told so at once", async () => {
    const world = scheduled({ running: 20, ofHost: 20 });
    await silent(world);
    const refused = world.start("a x", "a3").result;
    await expect(refused).rejects.toMatchObject(SILENT);
    await expect(refused).rejects.toThrow("x left 2 look-ups without an answer for 5s");
    world.start("b x", "b1");
    await expect(world.start("b x", "b2").result).rejects.toMatchObject(SILENT);
    world.start("a y", "a4");
    await settle();
    expect(world.begun).toEqual(["a1", "a2", "b1", "a4"]);
  });

  it("stays so when what hung ends without an answer, until one comes", async () => {
    const world = scheduled({ running: 20, ofHost: 20 });
    const hanging = await silent(world);
    for (const each of hanging) each.fail(new Fault("registry/unavailable", "no answer"));
    await settle();
    const probe = world.start("a x", "probe");
    await expect(world.start("a x", "a3").result).rejects.toMatchObject(SILENT);
    probe.end();
    await settle();
    world.many("a x", "a4", "a5");
    await settle();
    expect(world.begun).toEqual(["a1", "a2", "probe", "a4", "a5"]);
  });

  it.each<[string, (world: ReturnType<typeof scheduled>, hanging: Held[]) => void]>([
    ["a look-up that succeeds", (_, [first]) => first!.end()],
    ["one whose answer breaks a rule", (_, [first]) => first!.fail(new Fault("registry/invalid", "no list"))],
    ["one that has fetched all", (_, [first]) => first!.fetched()],
    ["a quick refusal", (world) => world.start("b x", "b1").fail(new Fault("registry/unavailable", "502"))],
  ])("answers again by %s", async (_, answer) => {
    const world = scheduled({ running: 20, ofHost: 20 });
    answer(world, await silent(world));
    await settle();
    world.start("a x", "a3");
    await settle();
    expect(world.begun).toContain("a3");
  });

  it("is not one where one look-up of many is slow, or where all are within their time", async () => {
    const world = scheduled({ running: 20, ofHost: 20 });
    world.many("a x", "a1", "a2", "a3");
    world.state.now = 5000;
    await settle();
    world.start("a x", "a4");
    await settle();
    expect(world.begun).toContain("a4");
  });

  it("is not one where the gate itself holds look-ups up, while they run or when they fail", async () => {
    const world = scheduled({ running: 20, ofHost: 20 });
    const busy = world.many("a x", "a1", "a2");
    await settle();
    for (const { patience } of busy) patience.pause("room");
    world.state.now = 60_000;
    world.start("a x", "a3");
    await settle();
    expect(world.begun).toContain("a3");
    for (const each of busy) each.fail(new Fault("registry/unavailable", "no answer"));
    world.start("a x", "a4");
    await settle();
    expect(world.begun).toContain("a4");
  });

  it("is remembered for a minute among many hosts, and those that answered are not", async () => {
    const world = scheduled({ running: 20, ofHost: 20 });
    const hanging = await silent(world);
    for (const each of hanging) each.fail(new Fault("deadline/exceeded", "no answer"));
    await settle();
    const visit = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at += 1) {
        const held = world.start(`a h${world.begun.length}`, `h${at}`);
        held.end();
        await held.result;
      }
    };
    await visit(1030);
    world.start("a x", "probe");
    await expect(world.start("a x", "a3").result).rejects.toMatchObject(SILENT);
  });
});

describe("a scheduler", () => {
  it("says that a host is busy from half of its places on, or of all places", async () => {
    const { scheduler, start, many } = scheduled({ running: 8, ofHost: 4 });
    expect(scheduler.isBusy({ host: "x" })).toBe(false);
    many("a x", "a1");
    many("b x", "b1");
    await settle();
    expect([scheduler.isBusy({ host: "x" }), scheduler.isBusy({ host: "y" })]).toEqual([true, false]);
    start("c y", "c1");
    start("d z", "d1");
    await settle();
    expect(scheduler.isBusy({ host: "w" })).toBe(true);
  });
});
