import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { RetryLater } from "../core/index.ts";
import { holdFile } from "./file-lock.ts";

const TOKEN = "6f1c2b2e-4f63-4d0a-9f0e-0d6f1b0c7a11";
const DEAD = 4_194_305; // above the largest number that Linux gives a process

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mc-lock-"));
  file = join(folder, "journal.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function locked(holder: object, minutesAgo = 0): void {
  writeFileSync(
    `${file}.mc-lock`,
    JSON.stringify({ pid: process.pid, host: hostname(), token: TOKEN, ...holder }),
  );
  const at = new Date(Date.now() - minutesAgo * 60_000);
  utimesSync(`${file}.mc-lock`, at, at);
}

function isRefused(): boolean {
  try {
    holdFile(file)();
    return false;
  } catch (error) {
    return error instanceof RetryLater;
  }
}

describe("a file that is held", () => {
  it("is held by one program at a time, and the refusal says which", () => {
    const release = holdFile(file);
    expect(() => holdFile(file)).toThrow(`process ${process.pid} on`);
    release();
    expect(existsSync(`${file}.mc-lock`)).toBe(false);
    holdFile(file)();
  });

  it.each<[string, object, number, boolean]>([
    ["of a running process of this host", {}, 9, true],
    ["of a process of this host that is gone", { pid: DEAD }, 0, false],
    ["of another host, touched of late", { host: "elsewhere" }, 9, true],
    ["of another host, untouched for eleven minutes", { host: "elsewhere" }, 11, false],
  ])("by a lock %s", (_, holder, minutesAgo, isHeld) => {
    locked(holder, minutesAgo);
    expect(isRefused()).toBe(isHeld);
  });

  it("is not let go by one who has lost it", () => {
    const release = holdFile(file);
    locked({ host: "elsewhere" });
    release();
    expect(existsSync(`${file}.mc-lock`)).toBe(true);
  });
});
