import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { type Fixtures, prepareFixtures } from "../demo/fixtures.ts";
import { ACTIONS_TOKEN, type FakeActions, startFakeActions } from "../support/fake-actions.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const PAGE = "https://github.com/acme/app/actions/runs";
const RUN = {
  id: 1,
  name: "release",
  html_url: `${PAGE}/1`,
  status: "completed",
  conclusion: "success",
  head_sha: "a".repeat(40),
  created_at: "2026-12-01T09:00:00Z",
};
const JOB = {
  name: "build",
  html_url: `${PAGE}/1/job/11`,
  status: "completed",
  conclusion: "success",
  started_at: "2026-12-01T09:00:05Z",
  steps: [{ name: "check out", number: 1, conclusion: "success" }],
};
const BROKEN = {
  ...JOB,
  name: "scan \u001B[31m",
  html_url: `${PAGE}/1/job/12`,
  conclusion: "failure",
  steps: [
    { name: "set up", number: 1, conclusion: "success" },
    { name: "Scan the image", number: 4, conclusion: "failure" },
  ],
};

describe("mc open-logs", () => {
  let fixtures: Fixtures;
  let folder: McFolder;
  let actions: FakeActions;
  const mc = (...args: string[]) => folder.mc(["open-logs", ...args]);
  const repo = ["--repo", "acme/app"];

  /** One run and its jobs. */
  function serve(run: object, jobs: readonly object[], path = "/actions/runs/1"): void {
    actions.answers.set(path, run);
    actions.answers.set(`${path}/jobs?per_page=100&page=1`, { total_count: jobs.length, jobs });
    actions.answers.set(`${path}/jobs?per_page=100&page=2`, { total_count: jobs.length, jobs: [] });
  }

  beforeAll(async () => {
    [fixtures, actions] = await Promise.all([prepareFixtures(new Date()), startFakeActions()]);
    folder = mcFolder(fixtures.registry);
    folder.write("policy.yaml", fixtures.policy);
  });

  beforeEach(() => {
    vi.stubEnv("GITHUB_TOKEN", ACTIONS_TOKEN);
    vi.stubEnv("GITHUB_API_URL", actions.url);
    vi.stubEnv("GITHUB_REPOSITORY", "");
    actions.answers.clear();
    actions.requests.length = 0;
  });

  afterEach(() => vi.unstubAllEnvs());

  afterAll(async () => {
    folder.remove();
    await Promise.all([fixtures.registry.close(), actions.close()]);
  });

  const image = (...more: string[]) =>
    mc("--policy", "policy.yaml", "--registries", "registries.yaml", "--image", ...more);

  it("finds the run that signed an image of the demo, by its certificate, and the step that failed first", async () => {
    serve({ ...RUN, conclusion: "failure" }, [JOB, BROKEN], "/actions/runs/1/attempts/1");
    const { code, stdout, stderr } = await image(fixtures.images.signed);
    expect([stdout, code]).toEqual([`${PAGE}/1/job/12#step:4:1\n`, 10]);
    expect(stderr).toBe(
      `release (run 1, commit ${"a".repeat(12)}): failed\n  job scan ?[31m, step 4 (Scan the image): failure\n`,
    );
    expect(actions.requests.every((request) => request.startsWith("GET /repos/acme/app/"))).toBe(true);
  });

  it.each(["wrongIdentity", "fork", "unsigned", "keySigned"] as const)(
    "asks GitHub nothing for an image that is %s, and exits 11",
    async (name) => {
      const { code, stdout, stderr } = await image(fixtures.images[name]);
      expect([code, stdout, actions.requests]).toEqual([11, "", []]);
      expect(stderr).toContain("Cannot tell which run signed");
    },
  );

  it.each([
    ["--branch", "main", "/actions/runs?branch=main&per_page=100"],
    ["--commit", "a".repeat(40), `/actions/runs?head_sha=${"a".repeat(40)}&per_page=100`],
    ["--pull", "17", `/actions/runs?head_sha=${"a".repeat(40)}&per_page=100`],
  ])("finds the run by %s", async (option, value, path) => {
    actions.answers.set("/pulls/17", { user: null, head: { sha: "a".repeat(40) } });
    actions.answers.set(path, { workflow_runs: [RUN] });
    serve(RUN, [JOB]);
    const { code, stdout } = await mc(...repo, option, value, "-o", "json");
    expect([JSON.parse(stdout), code]).toMatchObject([
      {
        version: 1,
        outcome: "succeeded",
        failure: null,
        url: RUN.html_url,
        run: { id: 1, commit: RUN.head_sha },
      },
      0,
    ]);
  });

  it("takes the repository from a run's address", async () => {
    serve(RUN, [JOB]);
    expect(await mc("--run", `${PAGE}/1`)).toMatchObject({ code: 0, stdout: `${PAGE}/1\n` });
  });

  it("exits 11 where the run has not ended, and 10 as soon as a job failed", async () => {
    serve({ ...RUN, status: "in_progress", conclusion: null }, [
      { ...JOB, status: "in_progress", conclusion: null },
    ]);
    expect(await mc("--run", `${PAGE}/1`)).toMatchObject({ code: 11, stdout: `${PAGE}/1\n` });
    serve({ ...RUN, status: "in_progress", conclusion: null }, [BROKEN]);
    expect(await mc("--run", `${PAGE}/1`)).toMatchObject({ code: 10 });
  });

  it("follows a run to its end, over an answer that did not come", async () => {
    const running = { ...RUN, status: "in_progress", conclusion: null };
    const states = [
      { status: 200, body: running },
      { status: 503, body: {} },
      { status: 200, body: { ...RUN, conclusion: "failure" } },
    ];
    serve(running, [JOB, BROKEN]);
    actions.answers.set("/actions/runs/1", () => states.shift()!);
    const { code, stdout, stderr } = await mc("--run", `${PAGE}/1`, "--follow", "--interval", "1");
    expect([stdout, code, states]).toEqual([`${PAGE}/1/job/12#step:4:1\n`, 10, []]);
    expect(stderr.match(/build: success/g)).toHaveLength(1);
    expect(stderr).toContain("asking again");
  });

  it("exits 11 where GitHub has no run, or does not answer", async () => {
    actions.answers.set("/actions/runs?branch=new&per_page=100", { workflow_runs: [] });
    expect(await mc(...repo, "--branch", "new")).toMatchObject({ code: 11, stdout: "" });
    actions.answers.set("/actions/runs?branch=main&per_page=100", () => ({ status: 503, body: {} }));
    expect(await mc(...repo, "--branch", "main")).toMatchObject({ code: 11, stdout: "" });
  });

  it("opens the address with BROWSER", async () => {
    serve(RUN, [JOB]);
    folder.write("browser.sh", '#!/bin/sh\nprintf %s "$1" > opened.tmp && mv opened.tmp opened.txt\n');
    chmodSync(join(folder.path, "browser.sh"), 0o755);
    vi.stubEnv("BROWSER", join(folder.path, "browser.sh"));
    expect(await mc("--run", `${PAGE}/1`, "--browser")).toMatchObject({ code: 0 });
    await expect.poll(() => existsSync(join(folder.path, "opened.txt"))).toBe(true);
    expect(folder.read("opened.txt")).toBe(`${PAGE}/1`);
  });

  it.each([
    ["no target", [], "exactly one of"],
    ["two targets", ["--branch", "main", "--pull", "1"], "exactly one of"],
    ["no repository", ["--branch", "main"], "--repo"],
    [
      "a run elsewhere",
      ["--run", "https://evil.test/acme/app/actions/runs/1"],
      "is not the address of a run",
    ],
    ["an image without a policy", ["--image", "ghcr.io/acme/app"], "--policy"],
  ])("exits 12 for %s", async (_, args, message) => {
    const { code, stderr } = await mc(...args);
    expect([code, stderr]).toEqual([12, expect.stringContaining(message)]);
  });
});
