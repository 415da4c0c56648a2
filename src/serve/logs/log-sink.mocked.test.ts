import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

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
  vi.useFakeTimers();
  pending.length = 0;
  dropped = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

function sink(maxBytes = 100) {
  return createLogSink({ fd: 1, maxBytes, onDropped: (lines) => (dropped += lines) });
}

/** Lets the oldest write come back; gives what it wrote. Lines that gathered since are written then. */
function comeBack(error: NodeJS.ErrnoException | null = null, written?: number): string {
  const text = comeBackAt(error, written);
  vi.advanceTimersByTime(10);
  return text;
}

function comeBackAt(error: NodeJS.ErrnoException | null = null, written?: number): string {
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

  it("writes a line at once where none was for a while, and then those of 10 ms together", () => {
    const { write } = sink();
    write("a\n");
    expect(comeBackAt()).toBe("a\n");
    write("b\n");
    vi.advanceTimersByTime(9);
    write("c\n");
    expect(pending).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(comeBack()).toBe("b\nc\n");
    write("d\n");
    expect(comeBack()).toBe("d\n");
  });

  it("lets no lines gather that fill a write, or that are the last ones", async () => {
    const { write, flush } = sink(1_000_000);
    write("a\n");
    const full = `${"x".repeat(65_535)}\n`;
    write(full);
    expect([comeBackAt(), comeBackAt()]).toEqual(["a\n", full]);
    write("last\n");
    const flushed = flush(1000);
    expect(comeBackAt()).toBe("last\n");
    await flushed;
    expect(dropped).toBe(0);
  });

  it("has flushed only when lines that gathered are written", async () => {
    const { write, flush } = sink();
    write("a\n");
    comeBackAt();
    write("b\n");
    let isFlushed = false;
    const flushed = flush(1000).then(() => (isFlushed = true));
    await Promise.resolve();
    expect([isFlushed, comeBackAt()]).toEqual([false, "b\n"]);
    await flushed;
    expect(isFlushed).toBe(true);
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
    const { write, flush, isStuck } = sink();
    write("a\n");
    comeBack(BUSY);
    expect([isStuck(), pending.length]).toEqual([false, 0]);
    await vi.advanceTimersByTimeAsync(50);
    const flushed = flush(1000);
    expect(comeBack()).toBe("a\n");
    await flushed;
    expect(dropped).toBe(0);
  });

  it("gives up waiting for its last lines after the time that it is given", async () => {
    const { write, flush } = sink();
    write("a\n");
    const flushed = flush(1000);
    await vi.advanceTimersByTimeAsync(1000);
    await flushed;
    expect(pending).toHaveLength(1);
  });
});
