import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type FakeGitHub, GITHUB_TOKEN, startFakeGitHub } from "../support/fake-github.ts";
import { readWorkflow, runStep, scriptOf, type StepOutcome } from "../support/workflow-steps.ts";

const FILE = "waivers.yml";
const HOUR = 3_600_000;

let folder: string;
let github: FakeGitHub;

beforeAll(async () => {
  github = await startFakeGitHub();
  folder = mkdtempSync(join(tmpdir(), "mc-waivers-"));
  mkdirSync(join(folder, "source"));
  symlinkSync(process.cwd(), join(folder, "gate"));
});
beforeEach(() => github.clear());
afterAll(async () => {
  await github.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A document whose one waiver ends so long from now: the steps ask the real clock. */
function write(id: string, hoursLeft: number): void {
  const created = new Date(Date.now() - 100 * HOUR);
  const waiver = {
    id,
    class: "signature",
    digest: `sha256:${"ab".repeat(32)}`,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: created.toISOString(),
    expires: new Date(Date.now() + hoursLeft * HOUR).toISOString(),
  };
  writeFileSync(join(folder, "source/w.yaml"), JSON.stringify({ waivers: [waiver] }));
}

function step(job: string, name: string, env: Readonly<Record<string, string>> = {}): Promise<StepOutcome> {
  const PATH = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  return runStep(scriptOf(FILE, job, name), { cwd: folder, env: { PATH, WAIVERS: "w.yaml", ...env } });
}

function remind(): Promise<StepOutcome> {
  return step("remind", "Remind", {
    REPOSITORY: "acme/policy",
    GITHUB_TOKEN,
    GITHUB_API_URL: github.url,
    SLACK_WEBHOOK_URL: github.webhook,
  });
}

describe("the daily workflow of the waivers", () => {
  it("passes the lint with a waiver that counts, and fails with one that has ended", async () => {
    write("WA-1", 30);
    expect(await step("lint", "Lint")).toMatchObject({ code: 0 });
    write("WA-1", -1);
    const ended = await step("lint", "Lint");
    expect([ended.code, ended.stdout.includes("[expired]")]).toEqual([10, true]);
  });

  it("fails where the document is not there", async () => {
    expect(await step("lint", "Lint", { WAIVERS: "none.yaml" })).toMatchObject({ code: 12 });
  });

  it("writes the issue of the week and tells Slack within 48 hours of an end, once", async () => {
    write("WA-2", 30);
    expect(await remind()).toMatchObject({ code: 0 });
    expect([github.issues.length, github.messages.length]).toEqual([1, 1]);
    expect(github.messages[0]).toContain("WA-2");
    github.writes.length = 0;
    expect(await remind()).toMatchObject({ code: 0 });
    expect([github.writes, github.messages.length]).toEqual([[], 1]);
  });

  it("closes the issue of a former week", async () => {
    write("WA-3", 60);
    await remind();
    const [first] = github.issues;
    first!.body = first!.body.replaceAll(/\d{4}-W\d{2}/g, "2025-W40");
    expect(await remind()).toMatchObject({ code: 0 });
    expect(github.issues.map(({ state }) => state).toSorted()).toEqual(["closed", "open"]);
  });

  it("tells nobody where more than 48 hours are left", async () => {
    write("WA-4", 60);
    expect(await remind()).toMatchObject({ code: 0 });
    expect(github.messages).toEqual([]);
  });

  it("fails by 11 while GitHub does not answer", async () => {
    write("WA-5", 30);
    github.failing = { path: "/repos/acme/policy/issues", status: 503 };
    expect(await remind()).toMatchObject({ code: 11 });
    expect(github.messages).toEqual([]);
  });

  it("is started every day, and reminds also where the lint fails", () => {
    const { on, jobs } = readWorkflow(FILE);
    expect(on["schedule"]).toEqual([{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) as string }]);
    expect([jobs["remind"]!.needs, jobs["remind"]!.if]).toEqual([undefined, undefined]);
  });
});
