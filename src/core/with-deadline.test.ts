import { getEventListeners } from "node:events";

import { describe, expect, it } from "vitest";

import { withDeadline } from "./with-deadline.ts";

const LATE = new Error("late");
const late = (): Error => LATE;

describe("a wait with a deadline", () => {
  it("gives the result of work that ends in time, and listens no longer", async () => {
    const { signal } = new AbortController();
    expect(await withDeadline(signal, Promise.resolve(1), late)).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("rejects as its work does", async () => {
    const failure = new Error("broken");
    const waiting = withDeadline(new AbortController().signal, Promise.reject(failure), late);
    await expect(waiting).rejects.toBe(failure);
  });

  it("rejects at once where the signal has aborted already, whatever the work does", async () => {
    const hanging = new Promise<never>(() => undefined);
    await expect(withDeadline(AbortSignal.abort(), hanging, late)).rejects.toBe(LATE);
    await expect(withDeadline(AbortSignal.abort(), Promise.reject(new Error("x")), late)).rejects.toBe(LATE);
  });

  it("rejects when the signal aborts while the work goes on", async () => {
    const abort = new AbortController();
    const waiting = withDeadline(abort.signal, new Promise<never>(() => undefined), late);
    abort.abort();
    await expect(waiting).rejects.toBe(LATE);
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
  });
});
