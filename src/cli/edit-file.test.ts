import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { RetryLater, UsageError } from "../core/exit-codes.ts";
import { editFile } from "./edit-file.ts";
import { withFileLock } from "./file-lock.ts";

/** No process has it: Linux gives at most 4,194,304. */
const GONE = 99_999_999;

const TOKEN = "11111111-2222-4333-8444-555555555555";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mc-edit-"));
  file = join(folder, "list.yaml");
  writeFileSync(file, "a");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lockOf(holder: object | string, secondsAgo = 0): string {
  const lock = `${file}.mc-lock`;
  writeFileSync(lock, typeof holder === "string" ? holder : JSON.stringify(holder));
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(lock, at, at);
  return lock;
}

function locked(): Promise<string> {
  return withFileLock({ file, waitMs: 60 }, () => "done");
}

describe("the lock of a file", () => {
  it.each<[string, object | string, number]>([
    ["whose process is gone", { pid: GONE, host: hostname(), token: TOKEN }, 0],
    ["of another host, older than ten minutes", { pid: 1, host: "other", token: TOKEN }, 601],
    [
      "of a process that runs, older than ten minutes",
      { pid: process.pid, host: hostname(), token: TOKEN },
      601,
    ],
    ["that was made and not written, older than ten seconds", "", 11],
    ["that holds something else, older than ten seconds", "{}", 11],
  ])("is broken %s", async (_, holder, secondsAgo) => {
    lockOf(holder, secondsAgo);
    expect(await locked()).toBe("done");
    expect(readdirSync(folder)).toEqual(["list.yaml"]);
  });

  it.each<[string, object | string, number]>([
    ["by a process that runs", { pid: process.pid, host: hostname(), token: TOKEN }, 0],
    ["by a process of another user", { pid: 1, host: hostname(), token: TOKEN }, 0],
    ["on another host, whatever its pid is here", { pid: GONE, host: "other", token: TOKEN }, 599],
    ["by a program that has not written it yet", "", 0],
  ])("holds while it is held %s", async (_, holder, secondsAgo) => {
    const lock = lockOf(holder, secondsAgo);
    const failed = await locked().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(RetryLater);
    expect((failed as Error).message).toContain(
      `is editing ${file}. Nothing is written; try again, or remove ${lock}`,
    );
    expect(readFileSync(lock, "utf8")).toBe(typeof holder === "string" ? holder : JSON.stringify(holder));
  });

  it("a file locked by another process: the error names that process", async () => {
    lockOf({ pid: 1, host: "build-7", token: TOKEN });
    await expect(locked()).rejects.toThrow("process 1 on build-7 is editing");
  });

  it("is left alone by a second program while a first one breaks it", async () => {
    const lock = lockOf({ pid: GONE, host: hostname(), token: TOKEN });
    writeFileSync(`${lock}.${TOKEN}`, "");
    await expect(locked()).rejects.toThrow(RetryLater);
    expect(readdirSync(folder)).toContain("list.yaml.mc-lock");
  });

  it("is broken where the program that broke it was killed while it did", async () => {
    const lock = lockOf({ pid: GONE, host: hostname(), token: TOKEN });
    writeFileSync(`${lock}.${TOKEN}`, "");
    utimesSync(`${lock}.${TOKEN}`, Date.now() / 1000 - 11, Date.now() / 1000 - 11);
    expect(await locked()).toBe("done");
  });

  it("that names a path elsewhere is read as one without content: no file but the lock is touched", async () => {
    mkdirSync(`${file}.mc-lock.x`);
    const victim = join(folder, "victim");
    writeFileSync(victim, "theirs");
    utimesSync(victim, 0, 0);
    lockOf({ pid: GONE, host: hostname(), token: "x/../victim" }, 11);
    expect(await locked()).toBe("done");
    expect(readFileSync(victim, "utf8")).toBe("theirs");
  });

  it("ends with the work, however that ends, and not another one's", async () => {
    const failing = withFileLock({ file }, () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(readdirSync(folder)).toEqual(["list.yaml"]);
    await withFileLock({ file }, () => lockOf({ pid: 1, host: "other", token: TOKEN }));
    expect(readdirSync(folder)).toEqual(["list.yaml", "list.yaml.mc-lock"]);
  });
});

describe("an edit of a file", () => {
  it("is made again where another program wrote the file meanwhile", async () => {
    let calls = 0;
    const result = await editFile(file, (text) => {
      calls += 1;
      if (calls === 1) writeFileSync(file, "theirs ");
      return { text: `${text}mine`, result: calls };
    });
    expect([result, readFileSync(file, "utf8")]).toEqual([2, "theirs mine"]);
  });

  it("is given up where the file changes all the time", async () => {
    let calls = 0;
    const edit = editFile(file, (text) => {
      writeFileSync(file, `theirs ${(calls += 1)}`);
      return { text: `${text}mine`, result: undefined };
    });
    await expect(edit).rejects.toThrow(RetryLater);
    expect([calls, readFileSync(file, "utf8")]).toEqual([5, "theirs 5"]);
  });

  it("writes nothing where there is no new text", async () => {
    expect(await editFile(file, () => ({ text: undefined, result: "seen" }))).toBe("seen");
    expect(readFileSync(file, "utf8")).toBe("a");
  });

  it("clears away what a killed program left, and nobody else's files", async () => {
    const own = ["list.yaml.4711.mc-write", `list.yaml.4711-${TOKEN}.mc-write`];
    const others = ["other.yaml.4711.mc-write", "list.yaml.bak", "list.yaml.mine.mc-write"];
    for (const name of [...own, ...others]) writeFileSync(join(folder, name), "half");
    mkdirSync(join(folder, "list.yaml.1.mc-write"));
    await editFile(file, (text) => ({ text: `${text}b`, result: undefined }));
    const kept = ["list.yaml", "list.yaml.1.mc-write", ...others];
    expect(readdirSync(folder).toSorted()).toEqual(kept.toSorted());
    expect(readFileSync(file, "utf8")).toBe("ab");
  });

  it("locks the file that a link leads to", async () => {
    symlinkSync("list.yaml", join(folder, "link.yaml"));
    await editFile(join(folder, "link.yaml"), (text) => {
      expect(readdirSync(folder)).toContain("list.yaml.mc-lock");
      return { text: `${text}b`, result: undefined };
    });
    expect(readFileSync(file, "utf8")).toBe("ab");
  });

  it("of a file that is not there is a wrong call", async () => {
    const edit = editFile(join(folder, "gone"), (text) => ({ text, result: undefined }));
    await expect(edit).rejects.toThrow(UsageError);
  });
});
