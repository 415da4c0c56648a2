import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type OpenFile, RecordFiles } from "./record-files.ts";

let folder: string;
let isFull = false;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "record-"));
  isFull = false;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file on a disk that takes four more bytes where it is full. */
async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, "wx");
  let left = 4;
  const write = (async (bytes: Buffer, offset: number, length: number, position: number) => {
    if (!isFull) return handle.write(bytes, offset, length, position);
    if (left === 0) throw new Error("ENOSPC: no space left on device");
    const written = await handle.write(bytes, offset, Math.min(left, length), position);
    left -= written.bytesWritten;
    return written;
  }) as OpenFile["write"];
  return { write, truncate: (length) => handle.truncate(length), close: () => handle.close() };
}

function filesOn(more: { readonly maxWaiting?: number; readonly retryMs?: number } = {}) {
  const lost: string[] = [];
  const onLost = (lines: number, because: string): number => lost.push(`${lines} ${because}`);
  const files = new RecordFiles({
    folder,
    fileBytes: 100,
    fileMs: 1e9,
    onLost,
    openFile,
    retryMs: 0,
    ...more,
  });
  return { files, lost };
}

function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
}

describe("files on a full disk", () => {
  it("end with their last whole line, and everything after it is lost until another begins", async () => {
    const { files, lost } = filesOn();
    files.begin("one");
    files.write("first\n", 1);
    await files.flush();
    isFull = true;
    files.write("second\n", 2);
    files.write("a fact\n");
    await files.flush();
    expect(lost).toEqual(["1 ENOSPC: no space left on device"]);
    expect(files.isDue).toBe(true);
    files.begin("two");
    files.write("third\n", 3);
    await files.flush();
    expect(files.lost).toEqual({ from: 2, to: 3, lines: 2, because: "ENOSPC: no space left on device" });
    isFull = false;
    files.begin("three");
    files.write("fourth\n", 4);
    await files.close();
    expect(files.lost).toBeUndefined();
    expect(contents()).toEqual({ one: "first\n", three: "fourth\n" });
  });

  it("lose nothing that no number counts", async () => {
    const { files, lost } = filesOn();
    isFull = true;
    files.begin("one");
    files.write("a fact\n");
    await files.close();
    expect(lost).toEqual([]);
  });
});

describe("files that are written too slowly", () => {
  it("lose what does not fit, and what comes after it until another begins", async () => {
    const { files, lost } = filesOn({ maxWaiting: 10, retryMs: 1e9 });
    files.begin("one");
    files.write("first\n", 1);
    files.write("second\n", 2);
    files.write("x\n", 3);
    await files.close();
    expect(lost).toEqual([
      "1 lines come faster than they are written",
      "1 nothing can be written to the folder",
    ]);
    expect(files.lost).toMatchObject({ from: 2, to: 3, lines: 2 });
    expect(files.isDue).toBe(false);
    expect(contents()).toEqual({ one: "first\n" });
  });
});

describe("a folder that cannot be written to", () => {
  it("loses every line, and is tried again", async () => {
    const lost: number[] = [];
    const options = { fileBytes: 100, fileMs: 1e9, onLost: (lines: number) => lost.push(lines), retryMs: 0 };
    const files = new RecordFiles({ folder: "/dev/null/record", ...options });
    expect(files.isDue).toBe(true);
    files.begin("one");
    files.write("first\n", 1);
    await files.close();
    expect(lost).toEqual([1]);
    expect(files.isDue).toBe(true);
  });
});
