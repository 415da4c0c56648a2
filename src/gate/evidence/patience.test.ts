import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Patience } from "./patience.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A patience with an alarm after 1,000 ms, and how often it rang. */
function alarmed() {
  const patience = new Patience();
  const state = { rang: 0 };
  const cancel = patience.after(1000, () => (state.rang += 1));
  return { patience, state, cancel };
}

describe("the patience of a look-up", () => {
  it("ends after the time that the registry was asked, once", () => {
    const { patience, state } = alarmed();
    vi.advanceTimersByTime(999);
    expect([state.rang, patience.askedMs]).toEqual([0, 999]);
    vi.advanceTimersByTime(1);
    patience.pause("its turn")();
    vi.advanceTimersByTime(5000);
    expect(state.rang).toBe(1);
  });

  it("does not end while the gate itself is waited for, and goes on where it stopped", () => {
    const { patience, state } = alarmed();
    vi.advanceTimersByTime(400);
    const resume = patience.pause("its turn");
    vi.advanceTimersByTime(60_000);
    expect([state.rang, patience.askedMs, patience.waitsFor]).toEqual([0, 400, "its turn"]);
    resume();
    vi.advanceTimersByTime(599);
    expect([state.rang, patience.askedMs, patience.waitsFor]).toEqual([0, 999, undefined]);
    vi.advanceTimersByTime(1);
    expect(state.rang).toBe(1);
  });

  it("stands still until the last of several waits is over, and no longer where one ends twice", () => {
    const { patience, state } = alarmed();
    const [room, threads] = [patience.pause("room"), patience.pause("threads")];
    expect(patience.waitsFor).toBe("threads");
    threads();
    threads();
    vi.advanceTimersByTime(2000);
    expect([state.rang, patience.waitsFor]).toEqual([0, "room"]);
    room();
    vi.advanceTimersByTime(1000);
    expect(state.rang).toBe(1);
  });

  it("counts an alarm that is set during a wait from its end", () => {
    const patience = new Patience();
    const resume = patience.pause("room");
    const rang = vi.fn<() => void>();
    patience.after(10, rang);
    vi.advanceTimersByTime(100);
    expect(rang).not.toHaveBeenCalled();
    resume();
    vi.advanceTimersByTime(10);
    expect(rang).toHaveBeenCalledTimes(1);
  });

  it("has no alarm left that was cancelled, also not after a wait", () => {
    const { patience, state, cancel } = alarmed();
    cancel();
    patience.pause("room")();
    vi.advanceTimersByTime(5000);
    expect([state.rang, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it.each([
    ["done", () => Promise.resolve(1)],
    ["failed", () => Promise.reject(new Error("no room"))],
  ])("runs again after work of the gate that is %s", async (_, work) => {
    const { patience, state } = alarmed();
    const ended = patience.during("room", work).catch(() => undefined);
    expect(patience.waitsFor).toBe("room");
    await ended;
    vi.advanceTimersByTime(1000);
    expect([state.rang, patience.waitsFor]).toEqual([1, undefined]);
  });
});
