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

  it("ends where a request is left unanswered for long, although the gate is waited for besides", async () => {
    const { patience, state } = alarmed();
    const resume = patience.pause("a connection");
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked = patience.asking(() => promise);
    vi.advanceTimersByTime(499);
    expect([patience.askedMs, patience.waitsFor]).toEqual([0, "a connection"]);
    vi.advanceTimersByTime(301);
    expect([patience.askedMs, patience.waitsFor]).toEqual([300, undefined]);
    resolve();
    await asked;
    vi.advanceTimersByTime(60_000);
    expect([state.rang, patience.askedMs, patience.waitsFor]).toEqual([0, 300, "a connection"]);
    resume();
    vi.advanceTimersByTime(700);
    expect([state.rang, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("does not end by many requests that are answered soon while the gate is waited for", async () => {
    const { patience, state } = alarmed();
    patience.pause("a connection");
    for (let request = 0; request < 10; request += 1) {
      const { promise, reject } = Promise.withResolvers<void>();
      const asked = patience.asking(() => promise);
      vi.advanceTimersByTime(400);
      reject(new Error("reset"));
      await expect(asked).rejects.toThrow("reset");
    }
    expect([state.rang, patience.askedMs, vi.getTimerCount()]).toEqual([0, 0, 0]);
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
