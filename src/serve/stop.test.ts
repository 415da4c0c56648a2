import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { onStop, type Stop } from "./stop.ts";

const EVENTS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "uncaughtException", "unhandledRejection"] as const;
const SILENT = { info: () => undefined, error: () => undefined };

describe("the end of a gate", () => {
  let before: Map<string, ((...args: unknown[]) => void)[]>;
  let codes: number[];
  let stop: Stop;

  beforeEach(() => {
    vi.useFakeTimers();
    before = new Map(EVENTS.map((event) => [event, process.listeners(event as "SIGTERM") as never[]]));
    for (const event of EVENTS) process.removeAllListeners(event);
    codes = [];
    stop = onStop({ log: SILENT, end: (code) => codes.push(code) });
  });
  afterEach(() => {
    for (const event of EVENTS) {
      process.removeAllListeners(event);
      for (const listener of before.get(event)!) process.on(event, listener);
    }
    vi.useRealTimers();
  });

  it("comes at once where nothing is served yet", () => {
    process.emit("SIGTERM");
    expect(codes).toEqual([0]);
  });

  it("comes when everything is closed", async () => {
    stop.serving();
    process.emit("SIGTERM");
    await stop.requested;
    expect(codes).toEqual([]);
    stop.done();
    expect(codes).toEqual([0]);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)("comes at once with a second %s", (signal) => {
    stop.serving();
    process.emit("SIGTERM");
    process.emit(signal);
    expect(codes).toEqual([11]);
  });

  it("comes after forty seconds though closing hangs", async () => {
    stop.serving();
    process.emit("SIGTERM");
    await vi.advanceTimersByTimeAsync(39_000);
    expect(codes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(codes).toEqual([11]);
  });

  it("has the code 11 where an error nothing caught began it", async () => {
    stop.serving();
    process.emit("uncaughtException", new Error("odd"));
    await stop.requested;
    stop.done();
    expect(codes).toEqual([11]);
  });
});
