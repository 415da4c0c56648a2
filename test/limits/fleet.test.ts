import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  createFleetClient,
  discover,
  findWave,
  fleetReads,
  fleetWrites,
  nextWithdrawals,
  openWave,
  plannedFor,
  withdraw,
  withdrawals,
} from "../../src/fleet/index.ts";
import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../support/fake-org/fake-org.ts";
import type { Reply } from "../support/fake-org/reply.ts";
import { type FakeRepo, merge, newRepo, push } from "../support/fake-org/repo.ts";

const REUSABLE = "acme/mc/.github/workflows/_reusable-ci-security.yml";
const CAMPAIGN = {
  owner: "acme",
  reusable: REUSABLE,
  commit: "a".repeat(40),
  version: "v1.2.3",
  docs: "https://docs.test/mc",
  rollbackDocs: "https://docs.test/mc#rollback",
};
const NOW = new Date("2026-12-01T08:00:00Z");
const CALLER = `on: push\njobs:\n  mc:\n    uses: ${REUSABLE}@${CAMPAIGN.commit} # v1.2.3\n`;
const OPT_OUT = "owner: ana\nreason: moves away\nuntil: 2027-01-01T00:00:00Z\n";
const REPOSITORIES = 1000;

/** One in ten is skipped, and one in twenty each is adopted, by a ruleset, opted out, and copied without a call. */
function repository(at: number): FakeRepo {
  const name = `acme/r${at}`;
  if (at % 10 === 0) return newRepo(name, { a: "x" }, { archived: true });
  if (at % 20 === 1) return newRepo(name, { ".github/workflows/mc.yml": CALLER });
  if (at % 20 === 2) return newRepo(name, { a: "x" }, { runs: [{ path: `${REUSABLE}@main` }] });
  if (at % 20 === 3) return newRepo(name, { ".github/mc-opt-out.yaml": OPT_OUT });
  if (at % 20 === 4)
    return newRepo(name, { ".github/workflows/_reusable-ci-security.yml": "on: workflow_call\njobs: {}\n" });
  return newRepo(name, { ".github/CODEOWNERS": "* @acme/security\n" }, { refusesWorkflows: at % 20 === 5 });
}

let org: FakeOrg;
let requests = 0;
beforeAll(async () => {
  org = await startFakeOrg();
  for (let at = 0; at < REPOSITORIES; at += 1) org.repos.push(repository(at));
  org.before = injected;
});
afterAll(() => org.close());

/** What goes wrong on GitHub's side, now and then. */
function injected(): Reply | "cut" | undefined {
  requests += 1;
  if (requests % 97 === 0) return { status: 502, body: {} };
  if (requests % 211 === 0) return "cut";
  if (requests % 503 === 0)
    return {
      status: 429,
      body: { message: "You have exceeded a secondary rate limit" },
      headers: { "retry-after": "5" },
    };
  if (requests % 1009 === 0)
    return {
      status: 403,
      body: { message: "You have exceeded a secondary rate limit" },
      headers: { "retry-after": "60" },
    };
  return undefined;
}

function options() {
  const client = createFleetClient({ url: org.url, token: ORG_TOKEN, clock: org.clock, retryMs: 1 });
  return {
    github: { ...fleetReads(client), ...fleetWrites(client) },
    owner: "acme",
    reusable: REUSABLE,
    campaign: CAMPAIGN,
    optOuts: [],
    now: NOW,
    journal: { begun: new Set<number>(), dropped: 0 },
    ticked: { retry: new Set<string>(), now: new Set<string>() },
    append: () => undefined,
  };
}

function green(): void {
  for (const { pulls } of org.repos)
    for (const { head } of pulls) org.checks.set(head, [{ status: "completed", conclusion: "success" }]);
}

const candidates = (): FakeRepo[] =>
  org.repos.filter((repo, at) => !repo.archived && ![1, 2, 3].includes(at % 20));

function hasCaller({ commits, branches, default_branch: name }: FakeRepo): boolean {
  return commits.get(branches.get(name)!)!.files.has(".github/workflows/mc.yml");
}

describe("a rollout to 1,000 repositories", { timeout: 1_800_000 }, () => {
  it("is discovered exactly", async () => {
    const counts: Record<string, number> = {};
    for (const { state } of await discover(options())) counts[state] = (counts[state] ?? 0) + 1;
    expect(counts).toEqual({ skipped: 100, adopted: 100, "opted-out": 50, candidate: 750 });
  });

  it("opens exactly one pull request each, in waves, within the planned hours; a second run writes nothing", async () => {
    const sizes: number[] = [];
    for (let wave = 0; wave < 4; wave += 1) {
      const all = options();
      const found = await findWave(all);
      const plannedMs = plannedFor(found.due.length);
      const began = org.clock.now();
      const outcomes = await openWave(found, all);
      const tookMs = org.clock.now() - began;
      expect(outcomes.filter(({ outcome }) => outcome !== "opened")).toEqual([]);
      expect(tookMs).toBeGreaterThanOrEqual(0.95 * plannedMs);
      // What GitHub failed to answer is sent again, and may need one more hour's requests.
      expect(tookMs).toBeLessThanOrEqual(plannedMs + 3_600_000 + 600_000);
      sizes.push(outcomes.length);
      await org.clock.sleep(3_600_000); // the checks of a wave take a while
      green();
    }
    expect(sizes).toEqual([8, 67, 300, 375]);
    expect(org.repos.filter(({ pulls }) => pulls.length > 0)).toEqual(candidates());
    expect(org.repos.filter(({ pulls }) => pulls.length > 1)).toEqual([]);
    const written = org.writes.length;
    const again = await findWave(options());
    expect([again.due, again.next]).toEqual([[], { kind: "done" }]);
    expect(org.writes).toHaveLength(written);
  });

  it("is taken back wholly, but for what a person edited or closed", async () => {
    const [edited, closed, ...others] = candidates();
    push(edited!, "mc/adopt", { "mine.txt": "x" });
    closed!.pulls[0]!.state = "closed";
    const merged = others.filter((_, at) => at % 2 === 0);
    for (const repo of merged) merge(repo, repo.pulls[0]!);
    for (let wave = 0; wave < 4; wave += 1) {
      const { github, ...rest } = options();
      const { due } = nextWithdrawals(await withdrawals(await discover({ github, ...rest }), github, true));
      await withdraw(due, github);
      for (const repo of merged) if (repo.pulls[1]?.state === "open") merge(repo, repo.pulls[1]);
    }
    expect(org.repos.filter(({ pulls }) => pulls.some(({ state }) => state === "open"))).toEqual([edited]);
    expect(merged.filter(hasCaller)).toEqual([]);
  });
});
