import { describe, expect, it } from "vitest";

import { createBoundedMap } from "./bounded-map.ts";

function keysOf(map: ReturnType<typeof createBoundedMap<number>>): string[] {
  return ["a", "b", "c", "d"].filter((key) => map.get(key) !== undefined);
}

describe("a bounded map of two", () => {
  it("forgets the oldest at the third entry", () => {
    const map = createBoundedMap<number>(2);
    for (const [at, key] of ["a", "b"].entries()) map.set(key, at);
    expect(keysOf(map)).toEqual(["a", "b"]);
    map.set("c", 2);
    expect(keysOf(map)).toEqual(["b", "c"]);
  });

  it("counts an entry that is set again once and as the newest, and one that is read as before", () => {
    const map = createBoundedMap<number>(2);
    for (const [at, key] of ["a", "b", "a"].entries()) map.set(key, at);
    map.get("b");
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([2, undefined, 3]);
  });

  it("has room where its newest entry was deleted, and forgets nothing for the next", () => {
    const map = createBoundedMap<number>(2);
    for (const key of ["a", "b"]) map.set(key, 0);
    map.delete("b");
    expect(keysOf(map)).toEqual(["a"]);
    map.set("c", 0);
    expect(keysOf(map)).toEqual(["a", "c"]);
  });
});
