import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { type FakeGitHub, GITHUB_TOKEN, startFakeGitHub } from "../support/fake-github.ts";
import { scanReport } from "../support/pr-reports.ts";
import { pullOf, runOf } from "../support/pr-runs.ts";
import { mcFolder } from "../support/run-mc.ts";

const ISSUE = { code: "vulnerability/blocked", message: "findings[0] blocks" };
const folder = mcFolder();
let github: FakeGitHub;

/** Puts a file into the artifact of a service. */
function put(text: string, file = "report.json", service = "api"): void {
  const below = join(folder.path, "artifacts", `mc-scan-${service}`);
  mkdirSync(below, { recursive: true });
  writeFileSync(join(below, file), text);
}

function report(differing: object = {}): string {
  return JSON.stringify(scanReport({ issues: [ISSUE], ...differing }));
}

async function comment(...args: readonly string[]) {
  const outcome = await folder.mc([
    "pr-comment",
    "artifacts",
    "--repo",
    "acme/policy",
    "--run",
    "501",
    ...args,
  ]);
  expect(outcome.stdout + outcome.stderr).not.toContain(GITHUB_TOKEN);
  return outcome;
}

beforeAll(async () => {
  github = await startFakeGitHub();
  vi.stubEnv("GITHUB_TOKEN", GITHUB_TOKEN);
  vi.stubEnv("GITHUB_API_URL", github.url);
});
beforeEach(() => {
  github.clear();
  github.run = runOf();
  github.pull = pullOf();
  rmSync(join(folder.path, "artifacts"), { recursive: true, force: true });
  put(report());
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await github.close();
  folder.remove();
});

describe("mc pr-comment", () => {
  it("writes nothing without --apply, and says what it would", async () => {
    const { code, stdout } = await comment();
    expect([code, github.writes]).toEqual([0, []]);
    expect(stdout).toContain("The comment on pull request 17 would be created.");
  });

  it("writes one comment, keeps it while nothing changes, and edits it in place", async () => {
    expect(await comment("--apply")).toMatchObject({ code: 0 });
    github.run = runOf({ html_url: "https://github.com/acme/policy/actions/runs/502" });
    expect((await comment("--apply", "-o", "json")).stdout).toContain('"change": "keep"');
    expect(github.writes).toEqual(["POST /repos/acme/policy/issues/17/comments"]);
    put(report({ issues: [] }));
    github.run = runOf({ conclusion: "success" });
    expect((await comment("--apply", "-o", "json")).stdout).toContain('"change": "update"');
    expect(github.comments.map(({ body }) => body.split("\n")[1])).toEqual(["### MC Gate: passed"]);
  });

  it("says nothing where all is well from the beginning", async () => {
    put(report({ issues: [] }));
    github.run = runOf({ conclusion: "success" });
    expect((await comment("--apply", "-o", "json")).stdout).toContain('"change": "skip"');
    expect(github.writes).toEqual([]);
  });

  it("leaves comments of others alone, also one that has its mark", async () => {
    const forged = github.comment(
      17,
      "<!-- mc-gate:pr-comment 00000000000000000000000000000000 -->\nall is well",
      "mallory",
    );
    expect(await comment("--apply")).toMatchObject({ code: 0 });
    expect([forged.body.endsWith("all is well"), github.comments.length]).toEqual([true, 2]);
  });

  it("removes the second of two that concurrent runs wrote", async () => {
    await comment("--apply");
    github.comment(17, github.comments[0]!.body, github.login);
    await comment("--apply");
    expect(github.comments.length).toBe(1);
  });

  it("appends the whole text to the job's summary, and writes the findings as SARIF", async () => {
    folder.write("summary.md", "before\n");
    expect(await comment("--summary", "summary.md", "--sarif", "mc.sarif")).toMatchObject({ code: 0 });
    expect(folder.read("summary.md")).toMatch(/^before\n### MC Gate: blocked/);
    expect(JSON.parse(folder.read("mc.sarif"))).toMatchObject({
      version: "2.1.0",
      runs: [{ results: [{ level: "error" }] }],
    });
  });

  it("says nothing where the run left nothing", async () => {
    rmSync(join(folder.path, "artifacts/mc-scan-api"), { recursive: true });
    expect(await comment("--apply")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("no reports") as string,
    });
    expect(github.writes).toEqual([]);
  });

  it("exits 11 while GitHub does not answer, and 12 without the right", async () => {
    github.failing = { path: "/repos/acme/policy/issues/17/comments", status: 502 };
    expect(await comment("--apply")).toMatchObject({ code: 11 });
    github.failing = { path: "/repos/acme/policy/issues/17/comments", status: 403 };
    expect(await comment("--apply")).toMatchObject({ code: 12 });
    github.failing = undefined;
    expect(github.comments).toEqual([]);
  });

  it("passes over a pull request that has moved on or was closed", async () => {
    github.pull = pullOf({}, { sha: "b".repeat(40) });
    expect(await comment("--apply")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("newer commit") as string,
    });
    github.pull = pullOf({ state: "closed" });
    expect(await comment("--apply")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("not open") as string,
    });
    expect(github.writes).toEqual([]);
  });
});

describe("mc pr-comment of a fork's hostile artifact", () => {
  it.each<[string, object, object]>([
    ["somebody else's pull request, of another fork", {}, { repo: { full_name: "ana/policy" } }],
    ["one of the repository itself", {}, { repo: { full_name: "acme/policy" } }],
    ["one of the same fork, by another branch", {}, { ref: "other" }],
    ["one whose fork was deleted", {}, { repo: null }],
    ["a run of another event", { event: "push" }, {}],
    ["a run without a repository", { head_repository: null }, { repo: null }],
  ])("is refused where it names %s", async (_, run, head) => {
    github.run = runOf(run);
    github.pull = pullOf({}, head);
    expect(await comment("--apply")).toMatchObject({ code: 10, stdout: "" });
    expect(github.writes).toEqual([]);
  });

  it("is refused with the wrong number given by hand, too", async () => {
    github.pull = pullOf({}, { repo: { full_name: "ana/policy" } });
    expect(await comment("--apply", "--pull", "17")).toMatchObject({ code: 10 });
  });

  it("is an error where its reports name different pull requests, or none", async () => {
    put(report({ pull: 18 }), "report.json", "web");
    expect(await comment("--apply")).toMatchObject({ code: 12 });
    put(report({ pull: 0 }), "report.json", "web");
    put(report({ pull: 0 }));
    expect(await comment("--apply")).toMatchObject({ code: 12 });
    expect(github.writes).toEqual([]);
  });

  it.each<[string, string]>([
    ["10 MB", `{"version": 1, "x": "${"x".repeat(10_000_000)}"}`],
    ["nested without end", "[".repeat(500_000)],
    ["not JSON", "\0\u00ff"],
  ])("makes the comment say that it is unknown where a report is %s", async (_, text) => {
    put(text, "report.json", "web");
    put(report({ issues: [] }));
    github.run = runOf({ conclusion: "success" });
    expect(await comment("--apply")).toMatchObject({ code: 0 });
    expect(github.comments[0]!.body).toContain("### MC Gate: unknown");
    expect(github.comments[0]!.body.length).toBeLessThan(65_536);
  });

  it("reads no file through a link, and none from a folder with another name", async () => {
    folder.write("secret.txt", "the-secret-of-the-runner");
    symlinkSync(join(folder.path, "secret.txt"), join(folder.path, "artifacts/mc-scan-api/plan.txt"));
    mkdirSync(join(folder.path, "artifacts/other"));
    writeFileSync(join(folder.path, "artifacts/other/plan.txt"), "from elsewhere");
    expect(await comment("--apply")).toMatchObject({ code: 0 });
    const { body } = github.comments[0]!;
    expect(body).not.toMatch(/the-secret|from elsewhere/);
    expect(body).toContain("`plan.txt`: `it cannot be opened, or is a link`");
  });

  it("is not read where it holds more artifacts than a run has services", async () => {
    for (let at = 0; at < 201; at += 1) mkdirSync(join(folder.path, `artifacts/mc-scan-s${at}`));
    expect(await comment("--apply")).toMatchObject({ code: 12 });
    expect(github.writes).toEqual([]);
  });
});
