import { describe, expect, it } from "vitest";

import { Turns } from "./turns.ts";

const LIMITS = { running: 3, runningOfOne: 2, waiting: 4 };

/** A task that ends when it is told to. */
interface Held {
  readonly name: string;
  readonly end: () => void;
  readonly fail: () => void;
  readonly result: Promise<string>;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Turns with tasks by name, and which of them have begun. */
function held(limits = LIMITS) {
  const begun: string[] = [];
  let waiting = 0;
  const turns = new Turns(limits, (change) => (waiting += change));
  const start = (group: string, name: string): Held => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const result = turns.run(group, () => {
      begun.push(name);
      return promise;
    });
    result.catch(() => undefined);
    return { name, end: () => resolve(name), fail: () => reject(new Error(name)), result };
  };
  return { turns, begun, start, waiting: () => waiting };
}

describe("turns", () => {
  it("run as many at once as they may, of one group fewer, and the rest when one ends", async () => {
    const { begun, start, waiting } = held();
    const a1 = start("a", "a1");
    for (const name of ["a2", "a3"]) start("a", name);
    start("b", "b1");
    start("c", "c1");
    await settle();
    expect([begun, waiting()]).toEqual([["a1", "a2", "b1"], 2]);
    a1.end();
    expect(await a1.result).toBe("a1");
    await settle();
    expect(begun).toHaveLength(4);
    expect(waiting()).toBe(1);
  });

  it("give a place to each group in turn, so that a group that hangs keeps no other from running", async () => {
    const { begun, start } = held({ running: 3, runningOfOne: 2, waiting: 8 });
    for (const name of ["a1", "a2", "a3", "a4"]) start("a", name);
    const ended: string[] = [];
    for (const name of ["b1", "b2", "b3"]) {
      const task = start("b", name);
      void task.result.then((each) => ended.push(each));
      task.end();
    }
    await settle();
    expect(ended.toSorted()).toEqual(["b1", "b2", "b3"]);
    expect(begun.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2"]);
  });

  it("take the oldest of a group first while few wait, and the newest while there are many", async () => {
    const { begun, start } = held({ running: 2, runningOfOne: 2, waiting: 8 });
    const running = ["first", "second"].map((name) => start("a", name));
    const more = ["old", "newer", "newest"].map((name) => start("a", name));
    const expected = ["first", "second"];
    for (const [ending, next] of [
      [running[0]!, "newest"], // three wait, two may run
      [running[1]!, "old"],
      [more[2]!, "newer"],
    ] as const) {
      ending.fail();
      await settle();
      expected.push(next);
      expect(begun).toEqual(expected);
    }
  });

  it("refuse as overload what would wait past the bound, one group's before the others'", async () => {
    const { start, begun } = held({ running: 1, runningOfOne: 1, waiting: 4 });
    const running = start("a", "a1");
    for (const name of ["a2", "a3", "a4"]) start("a", name);
    const overload = { code: "limits/overloaded", retryable: true };
    await expect(start("a", "a5").result).rejects.toMatchObject(overload);
    start("b", "b1");
    await expect(start("c", "c1").result).rejects.toMatchObject(overload);
    running.end();
    await settle();
    expect(begun).toHaveLength(2);
    start("c", "c2");
    await settle();
  });

  it("say that a group is busy from half of its places on", async () => {
    const { turns, start } = held({ running: 8, runningOfOne: 2, waiting: 4 });
    expect(turns.isBusy("a")).toBe(false);
    const task = start("a", "a1");
    expect([turns.isBusy("a"), turns.isBusy("b")]).toEqual([true, false]);
    task.end();
    await task.result;
    await settle();
    expect(turns.isBusy("a")).toBe(false);
  });
});
