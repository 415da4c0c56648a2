import { describe, expect, it } from "vitest";

import { FairShare, mostAlone } from "./fair-share.ts";

function takeAll(share: FairShare, who: string): number {
  let count = 0;
  while (share.take(who)) count += 1;
  return count;
}

describe("places that many share", () => {
  it.each([
    [1, 1],
    [2, 1],
    [4, 2],
    [8, 3],
    [128, 48],
  ])("of %d, one alone gets %d", (places, expected) => {
    expect([takeAll(new FairShare(places), "a"), mostAlone(places)]).toEqual([expected, expected]);
  });

  it("leave some for whoever comes new, however many take all that they may", () => {
    const share = new FairShare(128);
    const greedy = Array.from({ length: 32 }, (_, at) => takeAll(share, `greedy ${at}`));
    expect([greedy[0], greedy[1], greedy[31]]).toEqual([48, 24, 1]);
    expect(share.mayTake("new")).toBe(true);
  });

  it("are fewer for those who hold many than for those who hold few", () => {
    const share = new FairShare(8);
    expect([takeAll(share, "a"), takeAll(share, "b")]).toEqual([3, 2]);
    expect([share.take("a"), share.take("b"), share.take("c")]).toEqual([false, false, true]);
  });

  it("can be given back, by nobody more than they hold", () => {
    const share = new FairShare(4);
    takeAll(share, "a");
    share.give("a", 9);
    share.give("b");
    expect([share.taken, share.heldBy("a")]).toEqual([0, 0]);
    expect(takeAll(share, "b")).toBe(2);
  });

  it("are taken several at a time, or not at all", () => {
    const share = new FairShare(10);
    const takes = [share.take("a", 4), share.take("a", 1), share.take("b", 7), share.take("b", 6)];
    expect(takes).toEqual([true, false, false, true]);
    expect(share.taken).toBe(10);
  });
});
