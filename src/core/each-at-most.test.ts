import { describe, expect, it } from "vitest";

import { eachAtMost } from "./each-at-most.ts";

/** Work that is done when the test says so. */
function slowWork() {
  const open: (() => void)[] = [];
  const begun: string[] = [];
  return {
    begun,
    finishOne: async () => {
      open.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    work: (item: string, at: number): Promise<void> => {
      begun.push(`${at} ${item}`);
      return new Promise((resolve) => void open.push(resolve));
    },
  };
}

describe("eachAtMost", () => {
  it("begins as many as are allowed, and the next one when one is done", async () => {
    const { begun, finishOne, work } = slowWork();
    const all = eachAtMost(2, ["a", "b", "c"], work);
    expect(begun).toEqual(["0 a", "1 b"]);
    await finishOne();
    expect(begun).toEqual(["0 a", "1 b", "2 c"]);
    await finishOne();
    await finishOne();
    await all;
  });

  it("is done at once where there is nothing to do, and rejects with a failure", async () => {
    await eachAtMost(2, [], () => Promise.reject(new Error("not called")));
    await expect(eachAtMost(2, ["a"], () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
