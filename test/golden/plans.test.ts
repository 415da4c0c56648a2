import { cpSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const FORMATS = ["tree", "mermaid", "dot", "json"] as const;
const WIDTH = 80;
const POLICY = `trustRoots: { fulcio: { source: publicGood } }
authorities:
  release:
    keyless:
      trustRoot: fulcio
      issuer: https://token.actions.githubusercontent.com
      identity: https://github.com/acme/app/.github/workflows/publish.yml@refs/tags/v1.2.3
rules:
  - { name: all, images: ["ghcr.io/acme/**"], require: { signature: { anyOf: [release] } } }
`;
const WAIVERS = `waivers:
  - id: WA-1
    class: vulnerability
    digest: sha256:${"a".repeat(64)}
    findings: [CVE-2026-1111]
    reason: The fixed base image is released next week.
    ticket: https://tracker.example/1
    owners: [ada]
    requestedBy: ada
    approvals: [{ by: grace, seat: security, at: "2026-11-29T09:00:00Z" }]
    created: "2026-11-29T09:00:00Z"
    ttl: 7d
`;
const DURATIONS = JSON.stringify({
  prepare: 30,
  lint: 60,
  test: 300,
  package: 120,
  scan: 90,
  sbom: 20,
  publish: 15,
});
const AT = ["--at", "2026-12-01T09:00:00Z"];
const COMMON = ["--repository", "acme/app", "--ref", "refs/heads/main"];

/** A workflow of 200 jobs: twenty rows of ten, each of which needs the whole row before. */
function manyJobs(): string {
  const jobs = Array.from({ length: 200 }, (_, at) => {
    const row = Math.floor(at / 10);
    const needs =
      row === 0 ? [] : Array.from({ length: 2 }, (__, of) => `job-${(row - 1) * 10 + ((at + of) % 10)}`);
    return [`job-${at}`, { needs, "runs-on": "ubuntu-latest", steps: [{ run: "make test" }] }];
  });
  return JSON.stringify({ name: "Many", on: "push", jobs: Object.fromEntries(jobs) });
}

/** Each shape: the fixture, its exit code, and further arguments. */
const SHAPES: readonly (readonly [name: string, code: number, args: readonly string[]])[] = [
  ["shipped", 0, ["--waivers", "waivers.yaml", "--durations", "durations.json", ...AT]],
  ["matrix", 10, [...COMMON, "--policy", "policy.yaml"]],
  ["reusable", 11, ["--repository", "acme/app", "--ref", "refs/tags/v1.2.3", "--policy", "policy.yaml"]],
  ["always", 10, COMMON],
  ["environments", 10, COMMON],
  ["merge-queue", 0, COMMON],
  ["composite", 10, COMMON],
  ["cycle", 10, COMMON],
  ["200-jobs", 0, COMMON],
];

describe("golden plans", () => {
  let folder: McFolder;

  beforeAll(() => {
    folder = mcFolder();
    cpSync("test/fixtures/pipelines", folder.path, { recursive: true });
    cpSync("orchestrations", join(folder.path, "shipped/orchestrations"), { recursive: true });
    cpSync(join(folder.path, "merge-queue"), join(folder.path, "200-jobs"), { recursive: true });
    for (const [name] of SHAPES) {
      folder.write(`${name}/policy.yaml`, POLICY);
      folder.write(`${name}/waivers.yaml`, WAIVERS);
      folder.write(`${name}/durations.json`, DURATIONS);
    }
    folder.write("200-jobs/.github/workflows/ci.yml", manyJobs());
    folder.write(
      "200-jobs/.github/workflows/docs.yml",
      "on: push\njobs: { one: { steps: [{ run: make test }] } }\n",
    );
  });

  afterAll(() => folder.remove());

  it.each(
    SHAPES.flatMap(([name, code, args]) => FORMATS.map((format) => [name, format, code, args] as const)),
  )("%s as %s", async (name, format, code, args) => {
    const answer = await folder.mcIn(name, ["plan", "-o", format, "--out", "plan.json", ...args]);
    expect([answer.stderr, answer.code]).toEqual([expect.any(String), code]);
    await expect(answer.stdout).toMatchFileSnapshot(`plans/${name}.${format}.txt`);
    const tooWide = answer.stdout.split("\n").filter((line) => line.length > WIDTH);
    expect(format === "tree" ? tooWide : []).toEqual([]);
    expect(format === "json" ? folder.read(`${name}/plan.json`) : answer.stdout).toBe(answer.stdout);
  });

  it("become other files with --checkout, which reads a call of another repository", async () => {
    const args = ["plan", "--checkout", "acme/deployments=../reusable-deployments", ...COMMON];
    const answer = await folder.mcIn("reusable", args);
    expect(answer.code).toBe(0);
    expect(answer.stdout).toContain("elsewhere / production");
    expect(answer.stdout).toContain("environment production");
  });
});
