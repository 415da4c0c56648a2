import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { type FakePackages, goodRun, startFakePackages } from "../support/fake-packages.ts";
import {
  BY,
  folder,
  judging,
  lineOf,
  outcomesOf,
  POLICY_URI,
  promoting,
  registry,
  statementIn,
  summariesOf,
  VERIFIER,
  verify,
} from "../support/promoting.ts";

const COMMIT = "c".repeat(40);
const PUSHED = "2026-11-20T10:05:00Z";
const RUN = goodRun(COMMIT, new Date("2026-11-20T10:00:00Z"), new Date("2026-11-20T10:10:00Z"));

promoting();
let github: FakePackages;
beforeEach(async () => {
  github = await startFakePackages("team");
});
afterEach(() => github.close());

/** An image without provenance, which names its commit. */
function pushed(): Digest {
  const digest = registry().pushImage("team/app", {
    annotations: { "org.opencontainers.image.revision": COMMIT },
  });
  github.packages.set("app", [{ name: digest, created_at: PUSHED }]);
  return digest;
}

function asked(...more: readonly string[]): string[] {
  const owner = ["--github", "team", "--github-api", github.url, "--github-token", "t"];
  return [
    ...BY,
    ...judging([]),
    ...owner,
    "--github-registry",
    registry().host,
    "--journal",
    "j.jsonl",
    ...more,
  ];
}

async function states(): Promise<object> {
  const { stdout, stderr } = await folder().mc(["backfill", "run", ...asked("-o", "json")]);
  if (stdout === "") throw new Error(stderr);
  const { states: counted } = JSON.parse(stdout) as { states: Record<string, number> };
  return Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0));
}

async function promoted(): Promise<object> {
  const said = ["--verifier", VERIFIER, "--policy-uri", POLICY_URI, "--key", "promoter.pem", "--yes"];
  return outcomesOf(await folder().mc(["promote", ...asked(...said, "-o", "json")]));
}

describe("an image without provenance", { timeout: 120_000 }, () => {
  it("is legacy-linked by GitHub's records, promoted at level 0, and refused by a plain rule", async () => {
    const digest = pushed();
    github.runs.push(RUN);
    expect(await states()).toEqual({ "legacy-linked": 1 });
    expect(folder().read("j.jsonl")).toContain("/actions/runs/1 of commit cccc");
    expect(await promoted()).toEqual({ written: 1 });
    const [summary] = await summariesOf(digest);
    expect(statementIn(summary!)).toMatchObject({
      predicate: { verifiedLevels: ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"] },
    });
    const { code, stdout, stderr } = await verify(digest);
    expect([code, stdout + stderr]).toEqual([10, expect.stringContaining("promotable/level")]);
    expect(await promoted()).toEqual({ present: 1 });
  });

  it("is not promotable where no run agrees, and its line says nothing more", async () => {
    pushed();
    github.runs.push({ ...RUN, head_repository: { full_name: "mallory/app" } });
    expect(await states()).toEqual({ "non-promotable": 1 });
  });

  it.each(["/actions/runs", "/container/app"])(
    "is unknown where GitHub does not answer for %s, and judged again then",
    async (path) => {
      pushed();
      github.runs.push(RUN);
      await states();
      folder().write("j.jsonl", "");
      github.failing = { path, status: 500 };
      const failed = await states();
      github.failing = undefined;
      expect([failed, await states()]).toEqual([{ unknown: 1 }, { "legacy-linked": 1 }]);
    },
  );

  it("is unknown where a commit has more runs than GitHub lists", async () => {
    pushed();
    github.runs.push(...Array.from({ length: 100 }, () => ({ ...RUN, conclusion: "failure" })), RUN);
    expect(await states()).toEqual({ unknown: 1 });
  });

  it("is linked by no line of a forged journal", async () => {
    const digest = registry().pushImage("team/app", {});
    github.packages.set("app", [{ name: digest, created_at: PUSHED }]);
    github.runs.push(RUN);
    const forged = { ...JSON.parse(lineOf(digest, "legacy-linked")), revision: COMMIT, time: PUSHED };
    folder().write("j.jsonl", `${JSON.stringify({ ...forged, clock: "registry" })}\n`);
    expect(await promoted()).toEqual({ unconfirmed: 1 });
  });

  it("asks for another journal where other owners' records link", async () => {
    pushed();
    await states();
    const owner = ["--github", "other"];
    const { code, stderr } = await folder().mc(["backfill", "run", ...asked(...owner)]);
    expect([code, stderr]).toEqual([12, expect.stringContaining("another github")]);
  });
});
