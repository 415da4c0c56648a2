import { beforeEach, describe, expect, it, vi } from "vitest";

import { createLogSink } from "./log-sink.ts";

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

/** Writes that have not come back. */
const pending = vi.hoisted((): { readonly text: string; readonly size: number; readonly done: Done }[] => []);
vi.mock("node:fs", () => ({
  write: (_fd: number, bytes: Buffer, done: Done) =>
    pending.push({ text: bytes.toString(), size: bytes.length, done }),
}));

const FULL = Object.assign(new Error("no space"), { code: "ENOSPC" });
const BUSY = Object.assign(new Error("again"), { code: "EAGAIN" });

let dropped: number;
beforeEach(() => {
  pending.length = 0;
  dropped = 0;
});

function sink(maxBytes = 100) {
  return createLogSink({ fd: 1, maxBytes, onDropped: (lines) => (dropped += lines) });
}

/** Lets the oldest write come back; gives what it wrote. */
function comeBack(error: NodeJS.ErrnoException | null = null, written?: number): string {
  const { text, size, done } = pending.shift()!;
  done(error, written ?? (error === null ? size : 0));
  return text;
}

describe("a log sink", () => {
  it("writes lines in their order, those that waited at once", () => {
    const { write } = sink();
    for (const line of ["a\n", "b\n", "c\n"]) write(line);
    expect([comeBack(), comeBack(), pending.length]).toEqual(["a\n", "b\nc\n", 0]);
  });

  it("drops and counts what a full disk does not take, and writes on when it takes some again", () => {
    const { write } = sink();
    write("a\n");
    write("b\n");
    write("c\n");
    comeBack(FULL);
    comeBack(FULL);
    write("d\n");
    expect([dropped, comeBack()]).toEqual([3, "d\n"]);
  });

  it("begins a new line after one that was torn", () => {
    const { write } = sink();
    write("long\n");
    comeBack(null, 2);
    comeBack(FULL);
    write("next\n");
    expect([comeBack(), dropped]).toEqual(["\nnext\n", 1]);
    write("after\n");
    expect(comeBack()).toBe("after\n");
  });

  it("drops and counts lines past its bound while a write does not come back, and says that it is stuck", () => {
    const { write, isStuck } = sink(10);
    for (let at = 0; at < 9; at += 1) write(`line${at}\n`);
    expect([dropped, isStuck(), pending.length]).toEqual([7, true, 1]);
    comeBack();
    comeBack();
    expect(isStuck()).toBe(false);
  });

  it("tries a busy pipe again, and is not stuck meanwhile", async () => {
    vi.useFakeTimers();
    const { write, flush, isStuck } = sink();
    write("a\n");
    comeBack(BUSY);
    expect([isStuck(), pending.length]).toEqual([false, 0]);
    await vi.advanceTimersByTimeAsync(50);
    const flushed = flush(1000);
    expect(comeBack()).toBe("a\n");
    await flushed;
    expect(dropped).toBe(0);
    vi.useRealTimers();
  });

  it("gives up waiting for its last lines after the time that it is given", async () => {
    vi.useFakeTimers();
    const { write, flush } = sink();
    write("a\n");
    const flushed = flush(1000);
    await vi.advanceTimersByTimeAsync(1000);
    await flushed;
    expect(pending).toHaveLength(1);
    vi.useRealTimers();
  });
});
