import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { commitOf } from "./commit.ts";
import { versionJson, versionText } from "./version.ts";

const COMMIT = {
  id: "0123456789abcdef0123456789abcdef01234567",
  at: "2026-11-24T10:00:00.000Z",
  modified: false,
};

describe("mc version", () => {
  it.each([
    [undefined, "unknown"],
    [COMMIT, `${COMMIT.id} of 2026-11-24T10:00:00.000Z`],
    [{ ...COMMIT, modified: true }, `${COMMIT.id} of 2026-11-24T10:00:00.000Z, with local changes`],
  ])("commit %j is %j for people, and itself or null in JSON", (commit, words) => {
    const build = { version: "1.2.3", form: "bundle", commit } as const;
    expect(versionText(build).split("\n").slice(0, 2)).toEqual([
      "mc-gate 1.2.3 (bundle)",
      `commit: ${words}`,
    ]);
    expect(JSON.parse(versionJson(build))).toMatchObject({
      version: 1,
      build: { version: "1.2.3", form: "bundle", commit: commit ?? null },
      node: { version: process.versions.node },
      documents: ["mc-gate.dev/v1"],
    });
  });
});

describe("commitOf", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-commit-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function git(...args: readonly string[]): string {
    const who = ["-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "commit.gpgsign=false"];
    const env = { ...process.env, GIT_COMMITTER_DATE: "2026-11-24T10:00:00Z" };
    return execFileSync("git", [...who, ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
      env,
    }).trim();
  }

  it("is undefined where there is no checkout", () => {
    expect(commitOf(folder)).toBeUndefined();
  });

  it("is the newest commit, whether tracked files differ from it, and not that of a project above", () => {
    git("init", "-q");
    expect(commitOf(folder)).toBeUndefined();
    writeFileSync(join(folder, "a"), "1");
    git("add", "a");
    git("commit", "-q", "-m", "a");
    writeFileSync(join(folder, "untracked"), "");
    const commit = { id: git("rev-parse", "HEAD"), at: "2026-11-24T10:00:00.000Z", modified: false };
    expect(commitOf(folder)).toEqual(commit);
    writeFileSync(join(folder, "a"), "2");
    expect(commitOf(folder)).toEqual({ ...commit, modified: true });
    mkdirSync(join(folder, "below"));
    expect(commitOf(join(folder, "below"))).toBeUndefined();
  });
});
