import { getEventListeners } from "node:events";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { linkAbort } from "./linked-abort.ts";

const REASON = new Error("enough");

describe("linkAbort", () => {
  it.each([
    ["before it is made", true],
    ["afterwards", false],
  ])("aborts with its source, %s", (_, early) => {
    const source = new AbortController();
    if (early) source.abort(REASON);
    const { signal } = linkAbort(source.signal);
    if (!early) source.abort(REASON);
    expect(signal.reason).toBe(REASON);
  });

  it("aborts alone, and leaves its source as it is", () => {
    const source = new AbortController();
    const link = linkAbort(source.signal);
    link.abort(REASON);
    expect([link.signal.reason, source.signal.aborted]).toEqual([REASON, false]);
    source.abort(new Error("later"));
    expect(link.signal.reason).toBe(REASON);
  });

  describe("with a time", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it("aborts when it is over, and lets go of its source", () => {
      const source = new AbortController().signal;
      const { signal } = linkAbort(source, 100);
      vi.advanceTimersByTime(99);
      expect(signal.aborted).toBe(false);
      vi.advanceTimersByTime(1);
      expect(signal.reason).toMatchObject({ name: "TimeoutError" });
      expect(getEventListeners(source, "abort")).toEqual([]);
    });

    it("aborts so long after a later call, of which the first counts", () => {
      const { signal, abortAfter } = linkAbort(new AbortController().signal);
      vi.advanceTimersByTime(1000);
      abortAfter(100);
      abortAfter(1);
      vi.advanceTimersByTime(99);
      expect(signal.aborted).toBe(false);
      vi.advanceTimersByTime(1);
      expect(signal.reason).toMatchObject({
        name: "TimeoutError",
        message: "it took longer than 100 ms",
      });
    });

    it.each(["abort", "release"] as const)("starts no timer after %s", (how) => {
      const link = linkAbort(new AbortController().signal);
      link[how](REASON);
      link.abortAfter(100);
      expect(vi.getTimerCount()).toBe(0);
    });

    it.each(["abort", "release"] as const)("has no timer left after %s", (how) => {
      const link = linkAbort(new AbortController().signal, 100);
      link[how](REASON);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("has no timer left after its source has aborted", () => {
      const source = new AbortController();
      linkAbort(source.signal, 100);
      source.abort(REASON);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("has none where its source has aborted before", () => {
      linkAbort(AbortSignal.abort(REASON), 100);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  it.each(["abort", "release"] as const)("lets go of its source: %s", (how) => {
    const { signal } = new AbortController();
    const link = linkAbort(signal);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    link[how](REASON);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
