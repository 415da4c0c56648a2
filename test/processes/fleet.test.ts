import { spawn } from "node:child_process";

import { afterEach, beforeEach, expect, it } from "vitest";

import { PROGRAM } from "../support/bundled.ts";
import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../support/fake-org/fake-org.ts";
import { newRepo } from "../support/fake-org/repo.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const WORKFLOW = "acme/mc/.github/workflows/_reusable-ci-security.yml";
const ARGS = `fleet open --org acme --journal fleet.jsonl --yes --workflow ${WORKFLOW} --commit ${"a".repeat(40)} --release v1.2.3 --docs https://docs.test/mc`;

let org: FakeOrg;
let folder: McFolder;
beforeEach(async () => {
  org = await startFakeOrg();
  folder = mcFolder();
});
afterEach(async () => {
  folder.remove();
  await org.close();
});

/** Runs mc; `killAt` is the change at which it is killed, before the answer. */
async function mc(killAt = Infinity): Promise<number | null> {
  await org.clock.sleep(3_600_000); // each run has its limits to itself
  const env = { ...process.env, GITHUB_TOKEN: ORG_TOKEN, GITHUB_API_URL: org.url };
  const child = spawn(process.execPath, [PROGRAM, ...ARGS.split(" ")], {
    cwd: folder.path,
    env,
    stdio: "ignore",
  });
  let changes = 0;
  org.before = (method) => {
    if (method !== "GET") changes += 1;
    if (changes === killAt) child.kill("SIGKILL");
    return undefined;
  };
  return new Promise((resolve) => void child.on("close", (code) => resolve(code)));
}

function green(): void {
  for (const { pulls } of org.repos)
    for (const { head } of pulls) org.checks.set(head, [{ status: "completed", conclusion: "success" }]);
}

it("opens each pull request once, and asks for each review, however often it is killed", async () => {
  for (let at = 0; at < 12; at += 1)
    org.repos.push(newRepo(`acme/r${at}`, { ".github/CODEOWNERS": "* @acme/security\n" }));
  for (const killAt of [1, 2, 3, 4, 6, 9]) {
    expect(await mc(killAt)).toBeNull();
    green();
  }
  for (let run = 0; run < 5; run += 1) {
    await mc();
    green();
  }
  expect(org.repos.map(({ pulls }) => pulls.length)).toEqual(Array.from({ length: 12 }, () => 1));
  expect(org.repos.filter(({ pulls }) => !pulls[0]!.reviewers.includes("security"))).toEqual([]);
  const written = org.writes.length;
  expect(await mc()).toBe(0);
  expect(org.writes).toHaveLength(written);
});
