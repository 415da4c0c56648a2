import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type FakeGitHub, GITHUB_TOKEN, startFakeGitHub } from "../support/fake-github.ts";
import { scanReport } from "../support/pr-reports.ts";
import { COMMIT, pullOf, runOf } from "../support/pr-runs.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";
import { runStep, scriptOf } from "../support/workflow-steps.ts";

const ISSUE = { code: "vulnerability/blocked", message: "findings[0] blocks" };

let folder: McFolder;
let github: FakeGitHub;

beforeAll(async () => {
  github = await startFakeGitHub();
});
beforeEach(() => {
  github.clear();
  github.run = runOf();
  github.pull = pullOf();
  folder = mcFolder();
  symlinkSync(process.cwd(), join(folder.path, "gate"));
  const artifact = join(folder.path, "artifacts/mc-scan-api");
  mkdirSync(artifact, { recursive: true });
  writeFileSync(join(artifact, "report.json"), JSON.stringify(scanReport({ issues: [ISSUE] })));
});
afterEach(() => folder.remove());
afterAll(() => github.close());

describe("the step that comments", () => {
  const script = scriptOf("_reusable-pr-comment.yml", "comment", "Comment");
  const step = () => {
    const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
    const env = { PATH, REPOSITORY: "acme/policy", RUN: "501", GITHUB_TOKEN, GITHUB_API_URL: github.url };
    return runStep(script, { cwd: folder.path, env });
  };

  it("comments, and names pull request and commit for code scanning", async () => {
    const { code, outputs, summary } = await step();
    expect([code, outputs]).toEqual([0, { pull: "17", commit: COMMIT }]);
    expect([github.comments.length, summary.includes("### MC Gate: blocked")]).toEqual([1, true]);
    expect(JSON.parse(folder.read("mc.sarif"))).toMatchObject({ version: "2.1.0" });
  });

  it("names nothing where the run left nothing", async () => {
    rmSync(join(folder.path, "artifacts"), { recursive: true });
    expect(await step()).toMatchObject({ code: 0, outputs: {} });
  });

  it("fails where the run is not the pull request's", async () => {
    github.pull = pullOf({}, { repo: { full_name: "ana/policy" } });
    expect(await step()).toMatchObject({ code: 10, outputs: {} });
  });
});
