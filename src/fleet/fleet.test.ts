import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../../test/support/fake-org/fake-org.ts";
import { type FakeRepo, merge, newRepo, push } from "../../test/support/fake-org/repo.ts";
import {
  type Campaign,
  createFleetClient,
  discover,
  findWave,
  type FleetLine,
  fleetReads,
  fleetWrites,
  nextWithdrawals,
  openWave,
  withdraw,
  withdrawals,
  type WaveOptions,
} from "./index.ts";

const REUSABLE = "acme/mc/.github/workflows/_reusable-ci-security.yml";
const CAMPAIGN: Campaign = {
  owner: "acme",
  reusable: REUSABLE,
  commit: "a".repeat(40),
  version: "v1.2.3",
  docs: "https://docs.test/mc",
  rollbackDocs: "https://docs.test/mc#rollback",
};
const NOW = new Date("2026-12-01T08:00:00Z");
const NO_TICKS = { retry: new Set<string>(), now: new Set<string>() };
const caller = (ref: string) => `on: push\njobs:\n  mc:\n    uses: ${REUSABLE}@${ref}\n`;

let org: FakeOrg;
beforeEach(async () => {
  org = await startFakeOrg();
});
afterEach(() => org.close());

function port() {
  const client = createFleetClient({ url: org.url, token: ORG_TOKEN, clock: org.clock, retryMs: 1 });
  return { ...fleetReads(client), ...fleetWrites(client) };
}

function options(more: Partial<WaveOptions> = {}): WaveOptions {
  return {
    github: port(),
    owner: "acme",
    reusable: REUSABLE,
    campaign: CAMPAIGN,
    optOuts: [],
    now: NOW,
    journal: { begun: new Set(), dropped: 0 },
    ticked: NO_TICKS,
    append: () => undefined,
    ...more,
  };
}

async function open(more: Partial<WaveOptions> = {}) {
  const all = options(more);
  const wave = await findWave(all);
  return { ...wave, outcomes: await openWave(wave, all) };
}

/** Has the checks of every open pull request succeed. */
function green(): void {
  for (const { pulls } of org.repos)
    for (const { head } of pulls) org.checks.set(head, [{ status: "completed", conclusion: "success" }]);
}

const add = (name: string, files?: Record<string, string>, more: Partial<FakeRepo> = {}): FakeRepo => {
  const repo = newRepo(`acme/${name}`, files, more);
  org.repos.push(repo);
  return repo;
};

const states = async (more: Partial<WaveOptions> = {}) => {
  const surveys = await discover(options(more));
  return Object.fromEntries(
    surveys.map((each) => [
      each.repository.name.slice(5),
      each.state === "adopted" ? `by ${each.by}` : each.state,
    ]),
  );
};

describe("discover", () => {
  it("tells adopted, candidate, skipped, opted out and unknown repositories apart", async () => {
    add("plain", { "README.md": "x" });
    add("caller", { ".github/workflows/ci.yml": caller("b".repeat(40)) });
    add("copied", { ".github/workflows/_reusable-ci-security.yml": "on: workflow_call\njobs: {}\n" });
    add("comment", {
      ".github/workflows/ci.yml": `on: push\njobs:\n  a:\n    runs-on: x\n    steps: [] # uses: ${REUSABLE}@main\n`,
    });
    add("broken", { ".github/workflows/ci.yml": `on: push\njobs:\n\ta: ${REUSABLE}@main\n` });
    add("archived", { a: "x" }, { archived: true });
    add("disabled", { a: "x" }, { disabled: true });
    add("fork", { a: "x" }, { fork: true });
    add("template", { a: "x" }, { is_template: true });
    add("mirror", { a: "x" }, { mirror_url: "https://elsewhere.test" });
    add("empty");
    add("mc", { a: "x" });
    add(
      "ruleset",
      { a: "x" },
      { runs: [{ path: `${REUSABLE}@refs/heads/main`, referenced_workflows: null }] },
    );
    add("out", {
      ".github/mc-opt-out.yaml": "owner: ana\nreason: moves away\nuntil: 2027-01-01T00:00:00Z\n",
    });
    add("was-out", {
      ".github/mc-opt-out.yaml": "owner: ana\nreason: moves away\nuntil: 2026-12-01T08:00:00Z\n",
    });
    add("torn-out", { ".github/mc-opt-out.yaml": "owner: ana\n" });
    add("listed", { a: "x" });
    const until = new Date("2027-01-01T00:00:00Z");
    const optOuts = [{ repository: "Acme/Listed", owner: "ben", reason: "late", until }];
    expect(await states({ optOuts })).toEqual({
      plain: "candidate",
      caller: "by caller",
      copied: "candidate",
      comment: "candidate",
      broken: "unknown",
      archived: "skipped",
      disabled: "skipped",
      fork: "skipped",
      template: "skipped",
      mirror: "skipped",
      empty: "skipped",
      mc: "skipped",
      ruleset: "by ruleset",
      out: "opted-out",
      "was-out": "candidate",
      "torn-out": "unknown",
      listed: "opted-out",
    });
  });

  it.each([
    ["a branch", "main", "branch"],
    ["a version", "v1.2.3", "tag"],
    ["a tag in full", "refs/tags/x", "tag"],
    ["a commit", "c".repeat(40), "commit"],
  ])("says that a caller names the workflow by %s", async (_, ref, kind) => {
    add("one", { ".github/workflows/ci.yml": caller(ref) });
    const [found] = await discover(options());
    expect(found).toMatchObject({ state: "adopted", callers: [{ ref, kind, job: "mc" }] });
  });

  it("reads a call in a matrix", async () => {
    add("one", {
      ".github/workflows/ci.yml": `${caller("main")}    strategy:\n      matrix:\n        profile: [dev, prod]\n`,
    });
    expect(await states()).toEqual({ one: "by caller" });
  });

  it("takes what is forbidden, or fails for good, as unknown", async () => {
    add("secret", { a: "x" });
    add("down", { a: "x" });
    add("gone", { a: "x" });
    org.before = (_, path) => {
      if (path.startsWith("/repos/acme/secret"))
        return { status: 403, body: { message: "Resource not accessible" } };
      if (path.startsWith("/repos/acme/gone")) return { status: 404, body: { message: "Not Found" } };
      return path.startsWith("/repos/acme/down") ? { status: 502, body: {} } : undefined;
    };
    expect(await states()).toEqual({ secret: "unknown", down: "unknown", gone: "unknown" });
  });

  it("retries an answer that is cut in half, and follows a renamed default branch", async () => {
    const repo = add("one", { a: "x" });
    let cut = 0;
    org.before = (_, path) => {
      if (path === "/orgs/acme/repos" && (cut += 1) === 1) return "cut";
      if (path.includes("/git/trees/main") && repo.default_branch === "main") {
        repo.branches.set("trunk", repo.branches.get("main")!);
        repo.branches.delete("main");
        repo.default_branch = "trunk";
      }
      return undefined;
    };
    const [found] = await discover(options());
    expect(found).toMatchObject({ state: "candidate", repository: { defaultBranch: "trunk" } });
  });
});

describe("open", () => {
  it("opens one pull request by a signed commit, and a second run writes nothing", async () => {
    const repo = add("one", {
      ".github/CODEOWNERS": "* @acme/security\n",
      "api/Dockerfile": "",
      "web/Dockerfile": "",
    });
    const { outcomes } = await open();
    expect(outcomes).toMatchObject([{ name: "acme/one", outcome: "opened" }]);
    const [pull] = repo.pulls;
    expect(pull!.reviewers).toEqual(["security"]);
    expect(pull!.body).toContain("Rollback: https://docs.test/mc#rollback");
    const text = repo.commits.get(pull!.head)!.files.get(".github/workflows/mc.yml");
    expect(text).toContain(`uses: ${REUSABLE}@${CAMPAIGN.commit} # v1.2.3`);
    expect(text).toContain("      paths: |\n        api/\n        web/\n");
    const written = org.writes.length;
    expect((await open()).due).toEqual([]);
    expect(org.writes).toHaveLength(written);
  });

  it("commits by the git data API where GraphQL refuses workflow files", async () => {
    const repo = add("one", { a: "x" }, { refusesWorkflows: true });
    await open();
    expect(repo.commits.get(repo.pulls[0]!.head)!.files.has(".github/workflows/mc.yml")).toBe(true);
    expect((await open()).due).toEqual([]);
  });

  it("asks administrators where CODEOWNERS names an unknown team, and proposes lines where none covers the workflows", async () => {
    const known = add("unknown-team", { CODEOWNERS: "* @acme/ghosts\n" });
    const bare = add("bare", { CODEOWNERS: "/docs/ @acme/writers\r\n" });
    await open({ defaultOwner: "@acme/security" });
    green();
    await open({ defaultOwner: "@acme/security" });
    expect(known.pulls[0]!.reviewers).toEqual(["ana"]);
    expect(bare.commits.get(bare.pulls[0]!.head)!.files.get("CODEOWNERS")).toBe(
      "/docs/ @acme/writers\r\n/.github/workflows/ @acme/security\r\n/policy/ @acme/security\r\n",
    );
  });

  it("updates the pull request in place for a new version", async () => {
    const repo = add("one", { a: "x" });
    await open();
    const campaign = { ...CAMPAIGN, commit: "d".repeat(40), version: "v2.0.0" };
    expect((await open({ campaign })).outcomes).toMatchObject([{ outcome: "updated" }]);
    expect(repo.pulls).toHaveLength(1);
    expect(repo.pulls[0]!.title).toContain("v2.0.0");
    expect((await open({ campaign })).due).toEqual([]);
  });

  it("upgrades a caller and keeps comments, layout and unknown keys", async () => {
    const before = `# ours\r\nfuture-key: {a: 1}\r\non:   push\r\njobs:\r\n  mc:\r\n    uses: '${REUSABLE}@v1' # v1\r\n    with: {profile: prod}\r\n`;
    const repo = add("one", { ".github/workflows/ci.yml": before });
    await open();
    const after = repo.commits.get(repo.pulls[0]!.head)!.files.get(".github/workflows/ci.yml");
    expect(after).toBe(before.replace("@v1' # v1", `@${CAMPAIGN.commit}' # v1.2.3`));
  });

  it.each([
    ["an anchor", `on: push\nx: &u ${REUSABLE}@v1\njobs:\n  mc:\n    uses: *u\n`],
    ["a duplicate key", `on: push\njobs:\n  mc:\n    uses: ${REUSABLE}@v1\n    uses: ${REUSABLE}@v1\n`],
    ["tabs", `on: push\njobs:\n\tmc: {uses: ${REUSABLE}@v1}\n`],
  ])("writes nothing where the caller's file has %s", async (_, text) => {
    add("one", { ".github/workflows/ci.yml": text });
    const { due, plan } = await open();
    expect(due).toEqual([]);
    expect(plan.unknown.length + plan.items.filter(({ action }) => action === "blocked").length).toBe(1);
    expect(org.writes).toEqual([]);
  });

  it("leaves a closed pull request and an edited branch alone, until a person ticks retry", async () => {
    const closed = add("closed", { a: "x" });
    const edited = add("edited", { a: "x" });
    await open();
    green();
    await open();
    closed.pulls[0]!.state = "closed";
    push(edited, "mc/adopt", { "mine.txt": "x" });
    const written = org.writes.length;
    const campaign = { ...CAMPAIGN, commit: "d".repeat(40) };
    const { plan, due } = await open({ campaign });
    expect(due).toEqual([]);
    expect(plan.items.map(({ why }) => why)).toEqual([
      "its pull request was closed",
      "a person edited the branch",
    ]);
    expect(org.writes).toHaveLength(written);
    await open({ campaign, ticked: { retry: new Set(["acme/closed"]), now: new Set() } });
    expect(closed.pulls.map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  it("notices an amended commit that kept its message", async () => {
    const repo = add("one", { a: "x" });
    await open();
    const head = repo.commits.get(repo.branches.get("mc/adopt")!)!;
    const amended = { ...head, sha: "e".repeat(40), files: new Map([...head.files, ["more.txt", "x"]]) };
    repo.commits.set(amended.sha, amended);
    repo.branches.set("mc/adopt", amended.sha);
    const { plan } = await open({ campaign: { ...CAMPAIGN, commit: "d".repeat(40) } });
    expect(plan.items).toMatchObject([{ action: "left", why: "a person edited the branch" }]);
  });

  it("refuses a saved plan where a repository changed, and writes nothing", async () => {
    const repo = add("one", { a: "x" });
    const saved = (await findWave(options())).plan;
    push(repo, "main", { ".github/workflows/new.yml": "on: push\njobs: {}\n" });
    const { moved, outcomes } = await open({ saved });
    expect(moved).toEqual(["acme/one changed"]);
    expect(outcomes).toEqual([]);
    expect(org.writes).toEqual([]);
  });

  it("carries out a saved plan where only other files changed", async () => {
    const repo = add("one", { a: "x" });
    const saved = (await findWave(options())).plan;
    push(repo, "main", { a: "y" });
    expect((await open({ saved })).outcomes).toMatchObject([{ outcome: "opened" }]);
  });

  it("says that a repository was archived in the middle", async () => {
    const repo = add("one", { a: "x" });
    org.before = (method) => {
      if (method === "POST") repo.archived = true;
      return undefined;
    };
    expect((await open()).outcomes).toMatchObject([
      { outcome: "failed", why: expect.stringContaining("archived") },
    ]);
  });

  it("stops where the token loses its right", async () => {
    for (let at = 0; at < 10; at += 1) add(`r${at}`, { a: "x" });
    await open();
    green();
    org.before = (method) =>
      method === "GET" ? undefined : { status: 403, body: { message: "Resource not accessible" } };
    const lines: FleetLine[] = [];
    const { due, outcomes } = await open({ append: (line) => lines.push(line) });
    await open({ append: (line) => lines.push(line) });
    expect(due.length).toBeGreaterThan(0);
    expect(outcomes.every(({ outcome }) => outcome === "failed")).toBe(true);
    org.before = (method) =>
      method === "GET" ? undefined : { status: 401, body: { message: "Bad credentials" } };
    expect((await open()).outcomes).toHaveLength(1);
  });

  it("holds the next wave until the last is green", async () => {
    for (let at = 0; at < 10; at += 1) add(`r${at}`, { a: "x" });
    expect((await open()).due).toHaveLength(1);
    expect((await open()).next).toMatchObject({ kind: "wait", wave: 0 });
    green();
    expect((await open()).due).toHaveLength(4);
  });

  it.each([
    "POST /repos/acme/one/git/refs",
    "POST /graphql",
    "POST /repos/acme/one/pulls",
    "POST /repos/acme/one/pulls/1/requested_reviewers",
  ])("continues where the answer to %s was lost", async (lost) => {
    const repo = add("one", { ".github/CODEOWNERS": "* @acme/security\n" });
    const begun = new Set<number>();
    let isLost = false;
    const github = port();
    const all = options({ github, append: (line) => void (line.kind === "begun" && begun.add(line.id)) });
    org.before = (method, path) => {
      if (`${method} ${path}` !== lost || isLost) return undefined;
      isLost = true;
      return { status: 401, body: { message: "killed here" } };
    };
    await openWave(await findWave(all), all);
    org.before = undefined;
    await open({ journal: { begun, dropped: 0 } });
    expect(repo.pulls).toHaveLength(1);
    expect(repo.pulls[0]!.reviewers).toEqual(["security"]);
    expect((await open()).due).toEqual([]);
  });
});

describe("limits", () => {
  it("waits where an earlier run has spent the hour's requests", async () => {
    for (let at = 0; at < 500; at += 1) org.limits.take(true, org.clock.now() - 600_000 + at * 1000);
    add("one", { a: "x" });
    const began = org.clock.now();
    expect((await open()).outcomes).toMatchObject([{ outcome: "opened" }]);
    expect(org.clock.now() - began).toBeGreaterThan(3_000_000);
  });
});

describe("rollback", () => {
  it("closes what is open, reverts what is merged, and leaves nothing", async () => {
    const [merged, queued, opened] = [
      add("merged", { a: "x" }),
      add("queued", { a: "x" }, { hasMergeQueue: true }),
      add("opened", { a: "x" }),
    ];
    await open();
    green();
    await open();
    green();
    await open();
    merge(merged, merged.pulls[0]!);
    merge(queued, queued.pulls[0]!);
    const outcomes: string[] = [];
    for (let wave = 0; wave < 5; wave += 1) {
      const github = port();
      const { due } = nextWithdrawals(await withdrawals(await discover(options()), github, true));
      outcomes.push(...(await withdraw(due, github)).map(({ outcome }) => outcome));
      green();
    }
    expect(outcomes.toSorted()).toEqual(["closed", "queued", "reverting"]);
    for (const repo of [merged, queued]) merge(repo, repo.pulls[1]!);
    expect(opened.pulls[0]!.state).toBe("closed");
    expect(opened.branches.has("mc/adopt")).toBe(false);
    expect(queued.pulls[1]!.queued).toBe(true);
    const written = org.writes.length;
    const { plan } = await open();
    expect(plan.items.map(({ action }) => action)).toEqual(["left", "left", "left"]);
    expect(org.writes).toHaveLength(written);
  });

  it("takes back in waves that are shares of all, and not of what is left", async () => {
    for (let at = 0; at < 10; at += 1) add(`r${at}`, { a: "x" });
    await open({ ticked: { retry: new Set(), now: new Set(org.repos.map(({ name }) => name)) } });
    const sizes: number[] = [];
    for (let wave = 0; wave < 4; wave += 1) {
      const github = port();
      const { due } = nextWithdrawals(await withdrawals(await discover(options()), github, true));
      sizes.push((await withdraw(due, github)).length);
    }
    expect(sizes).toEqual([1, 4, 5, 0]);
    expect(org.repos.filter(({ pulls }) => pulls[0]!.state === "open")).toEqual([]);
  });
});
