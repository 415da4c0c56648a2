import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { FairQueue, GroupedFairQueue } from "./fair-queue.ts";

function filled(...items: readonly (readonly [string, number])[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const [key, item] of items) queue.push(key, `${key}${item}`);
  return queue;
}

function all(queue: FairQueue<string>): string[] {
  const items: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}

function of(key: string, names: readonly string[]): string[] {
  return names.filter((each) => each.startsWith(key));
}

describe("a fair queue", () => {
  it("lets nobody wait behind all of another's", () => {
    expect(all(filled(["a", 1], ["a", 2], ["a", 3], ["b", 1], ["c", 1], ["c", 2]))).toEqual([
      "a1",
      "b1",
      "c1",
      "a2",
      "c2",
      "a3",
    ]);
  });

  it("loses nothing, and keeps the order of each key", () => {
    const pushes = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat()), { maxLength: 60 });
    fc.assert(
      fc.property(pushes, (items) => {
        const queue = filled(...items);
        expect(queue.length).toBe(items.length);
        const taken = all(queue);
        const pushed = items.map(([key, item]) => `${key}${item}`);
        for (const key of ["a", "b", "c"]) expect(of(key, taken)).toEqual(of(key, pushed));
        expect(queue.length).toBe(0);
      }),
    );
  });

  it("gives up everything at once", () => {
    const queue = filled(["a", 1], ["b", 1], ["a", 2]);
    expect(queue.drain().toSorted()).toEqual(["a1", "a2", "b1"]);
    expect([queue.length, queue.shift()]).toEqual([0, undefined]);
  });
});

function filledGroups(): GroupedFairQueue<string> {
  const queue = new GroupedFairQueue<string>();
  for (const item of ["a x1", "a x2", "a x3", "a y1", "b z1", "b z2"]) {
    const [group, name] = item.split(" ") as [string, string];
    queue.push(group, name[0]!, item);
  }
  return queue;
}

describe("fair queues in groups", () => {
  it("serve the groups in turn, and in each its keys", () => {
    const queue = filledGroups();
    const taken = Array.from({ length: 7 }, () => queue.shift());
    expect(taken).toEqual(["a x1", "b z1", "a y1", "b z2", "a x2", "a x3", undefined]);
  });

  it("give up everything at once", () => {
    const queue = filledGroups();
    expect([queue.drain().length, queue.shift()]).toEqual([6, undefined]);
  });
});
