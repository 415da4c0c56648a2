import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../support/fake-org/fake-org.ts";
import { newRepo } from "../support/fake-org/repo.ts";
import { addRun, HOUR, REUSABLE } from "../support/kpi-runs.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

let org: FakeOrg;
let folder: McFolder;
beforeEach(async () => {
  org = await startFakeOrg();
  folder = mcFolder();
  vi.stubEnv("GITHUB_TOKEN", ORG_TOKEN);
  vi.stubEnv("GITHUB_API_URL", org.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  folder.remove();
  await org.close();
});

const report = (...more: readonly string[]) =>
  folder.mc(["kpi", "report", "--org", "acme", "--workflow", REUSABLE, ...more]);

function add(name: string): void {
  const repo = newRepo(`acme/${name}`, { "README.md": "x" });
  repo.pushed_at = new Date().toISOString();
  org.repos.push(repo);
}

describe("mc kpi report", () => {
  it("reports as Markdown, JSON and a page, and into a file", async () => {
    add("shop");
    add("web");
    addRun(org.repo("acme/shop"), { ago: HOUR, sha: "1", outcome: "passed", now: Date.now() });
    const text = await report();
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining("1 of 2: 50.0 %") });
    expect(text.stdout).toContain("| acme/web | not-adopted |");
    const json = await report("-o", "json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      adoption: { adopted: 1, active: 2, share: 0.5 },
    });
    expect(await report("-o", "html", "--out", "kpis.html")).toMatchObject({ code: 0, stdout: "" });
    expect(folder.read("kpis.html")).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(org.writes).toEqual([]);
  });

  it("uses the answers in an exporter's state instead of asking for them again", async () => {
    add("shop");
    const at = Date.now() - HOUR;
    addRun(org.repo("acme/shop"), { ago: HOUR, sha: "1", outcome: "passed", now: Date.now() });
    const { id } = org.repo("acme/shop").runs[0] as { id: number };
    const repository = org.repo("acme/shop").id;
    const base = {
      kind: "base",
      version: 1,
      owner: "acme",
      reusable: REUSABLE,
      since: 0,
      forgotten: 0,
      poll: 0,
      counts: {},
    };
    const answer = {
      kind: "answer",
      counts: true,
      repository,
      run: id,
      attempt: 1,
      job: "mc / gate",
      at,
      sha: "1",
    };
    const rest = { profile: "prod", outcome: "failed", rules: ["job/scan"] };
    folder.write("state.jsonl", `${JSON.stringify(base)}\n${JSON.stringify({ ...answer, ...rest })}\n`);
    const { code, stdout } = await report("--state", "state.jsonl", "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ evaluations: { passed: 0, failed: 1 } });
    expect(await report("--state", "none")).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("not there"),
    });
  });

  it("exits 11 where a repository is unknown, and where the token sees none", async () => {
    expect(await report()).toMatchObject({ code: 11, stderr: expect.stringContaining("sees no repository") });
    add("shop");
    org.before = (_, path) =>
      path.includes("/actions/") ? { status: 403, body: { message: "no" } } : undefined;
    expect(await report()).toMatchObject({
      code: 11,
      stderr: expect.stringContaining("1 repositories are unknown"),
    });
  });

  it.each([
    ["--window", "soon", "Not a duration"],
    ["--waivers", "../x", "Not a path inside"],
    ["--workflow", "acme/mc", "Not owner/name"],
  ])("exits 12 for %s %s", async (flag, value, said) => {
    expect(await report(flag, value)).toMatchObject({ code: 12, stderr: expect.stringContaining(said) });
  });
});
