import { readFileSync } from "node:fs";

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";

import { isoWeek } from "../../src/cli/waivers/reminder.ts";
import { type FakeGitHub, GITHUB_TOKEN, startFakeGitHub } from "../support/fake-github.ts";
import { mcFolder } from "../support/run-mc.ts";

const AT = "2026-11-25T10:00:00Z";
const DIGEST = `sha256:${"ab".repeat(32)}`;
const SECRETS = [GITHUB_TOKEN, "secret-of-the-webhook"];
const SAMPLE = readFileSync("policy/waivers.yaml", "utf8");
const folder = mcFolder();
let github: FakeGitHub;

function waiver(id: string, differing: object = {}): object {
  return {
    id,
    class: "signature",
    digest: DIGEST,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T10:00:00Z",
    ttl: "2d",
    ...differing,
  };
}

function writeWaivers(...waivers: readonly object[]): void {
  folder.write("w.yaml", JSON.stringify({ waivers }));
}

async function mc(...args: readonly string[]): ReturnType<typeof folder.mc> {
  const outcome = await folder.mc(["waivers", ...args]);
  for (const secret of SECRETS) expect(outcome.stdout + outcome.stderr).not.toContain(secret);
  return outcome;
}

function remind(...args: readonly string[]): ReturnType<typeof folder.mc> {
  return mc("remind", "w.yaml", "--repo", "acme/policy", "--at", AT, ...args);
}

function approval(by: string): object {
  return { by, seat: "devsecops", at: AT };
}

function review(login: string, state = "APPROVED", commit = "head", type = "User"): object {
  return { user: { login, type }, state, commit_id: commit };
}

function verify(...args: readonly string[]): ReturnType<typeof folder.mc> {
  return mc("verify", "w.yaml", "--repo", "acme/policy", "--pull", "17", ...args);
}

beforeAll(async () => {
  github = await startFakeGitHub();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await github.close();
  folder.remove();
});

beforeEach(() => {
  github.clear();
  vi.stubEnv("GITHUB_TOKEN", GITHUB_TOKEN);
  vi.stubEnv("GITHUB_API_URL", github.url);
  vi.stubEnv("SLACK_WEBHOOK_URL", github.webhook);
});

describe("mc waivers remind", { timeout: 60_000 }, () => {
  it("writes nothing unless told to, and shows what it would", async () => {
    writeWaivers(waiver("SOON"));
    const { code, stdout } = await remind();
    expect(code).toBe(0);
    expect(stdout).toContain("| `SOON` | 2026-11-26T10:00:00Z | `team-shop` | not known |");
    expect(stdout).toContain("The issue would be created.\nSlack would be told of SOON.\nA dry run");
    expect([github.writes, github.issues, github.messages]).toEqual([[], [], []]);
  });

  it("creates one issue for the week and tells Slack once, however often it runs", async () => {
    writeWaivers(
      waiver("SOON"),
      waiver("LATER", { ttl: "6d" }),
      waiver("GONE", { created: "2026-11-20T10:00:00Z" }),
    );
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    expect(github.writes).toEqual([
      "POST /repos/acme/policy/issues",
      "POST slack",
      "PATCH /repos/acme/policy/issues/1",
    ]);
    expect(github.messages).toEqual([
      "Waivers that end within 48 hours:\n\u2022 SOON (signature) in 1d, owner team-shop",
    ]);
    const [issue] = github.issues;
    expect(issue!.title).toBe("Waivers to look at, week 2026-W48");
    expect(issue!.body.startsWith("<!-- mc-gate:waivers:2026-W48 -->\n")).toBe(true);
    for (const id of ["SOON", "LATER", "GONE"]) expect(issue!.body).toContain(`| \`${id}\` |`);
    github.writes.length = 0;
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    expect(await remind("--apply", "--at", "2026-11-25T11:00:00Z")).toMatchObject({ code: 0 });
    expect([github.writes, github.messages.length, github.issues.length]).toEqual([[], 1, 1]);
  });

  it("updates the issue, keeps what was told, and opens another one in another week", async () => {
    writeWaivers(waiver("SOON"));
    await remind("--apply");
    github.issues[0]!.body = github.issues[0]!.body.replaceAll("\n", "\r\n");
    writeWaivers(waiver("SOON"), waiver("NEW", { ttl: "3d1h" }));
    expect((await remind("--apply", "-o", "json")).stdout).toContain('"issue": "update"');
    expect(github.issues[0]!.body).toContain("`NEW`");
    expect(github.messages).toHaveLength(1);
    await remind("--apply", "--at", "2026-11-26T09:00:00Z");
    expect(github.messages[1]).toContain("NEW (signature) in 1d 2h");
    expect(github.messages[1]).not.toContain("SOON");
    await remind("--apply", "--at", "2026-11-30T00:00:00Z");
    expect(github.issues.map(({ title }) => title.slice(-8))).toEqual(["2026-W49", "2026-W48"]);
    expect(github.messages).toHaveLength(2);
  });

  it("tells of a waiver again where its end moved, and of one that another week's issue told of not", async () => {
    writeWaivers(waiver("SOON", { created: "2026-11-28T10:00:00Z" }));
    await remind("--apply", "--at", "2026-11-29T10:00:00Z");
    await remind("--apply", "--at", "2026-11-30T09:00:00Z");
    expect([github.issues.length, github.messages.length]).toEqual([2, 1]);
    writeWaivers(waiver("SOON", { created: "2026-11-28T10:00:00Z", ttl: "50h" }));
    await remind("--apply", "--at", "2026-11-30T09:00:00Z");
    expect(github.messages).toHaveLength(2);
  });

  it("finds its issue behind a hundred others, and takes no stranger's for it", async () => {
    writeWaivers(waiver("SOON"));
    await remind("--apply");
    const [own] = github.issues;
    const stranger = { ...own!, number: 900, labels: [], body: own!.body };
    const others = Array.from({ length: 150 }, (_, at) => ({
      ...own!,
      number: 1000 + at,
      body: "an old one",
    }));
    github.issues.unshift(stranger, ...others);
    github.writes.length = 0;
    await remind("--apply");
    expect(github.writes).toEqual([]);
  });

  it("does not stamp what Slack did not take, and tells it next time", async () => {
    writeWaivers(waiver("SOON"));
    github.failing = { path: "/services", status: 500 };
    const failed = await remind("--apply");
    expect([failed.code, failed.stderr]).toEqual([
      11,
      "Cannot tell: could not post to Slack: HTTP 500; retry in a while.\n",
    ]);
    github.failing = undefined;
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    expect([github.issues.length, github.messages.length]).toEqual([1, 1]);
  });

  it("needs no Slack, and shows words of the document as words", async () => {
    vi.stubEnv("SLACK_WEBHOOK_URL", "");
    writeWaivers(waiver("SOON", { owners: ["<!channel> @everyone | `x` -->"] }));
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    expect(github.messages).toEqual([]);
    expect(github.issues[0]!.body).toContain("| `?!channel? @everyone ? ?x? --?` |");
    vi.stubEnv("SLACK_WEBHOOK_URL", github.webhook);
    await remind("--apply");
    expect(github.messages[0]).toContain("&lt;!channel&gt; @everyone");
  });

  it.each<[string, FakeGitHub["failing"], number]>([
    ["is down", { path: "/repos", status: 502 }, 11],
    ["is asked too often", { path: "/repos", status: 403, headers: { "x-ratelimit-remaining": "0" } }, 11],
    ["asks to wait", { path: "/repos", status: 429 }, 11],
    ["forbids it", { path: "/repos", status: 403 }, 12],
    ["knows no such repository", { path: "/repos", status: 404 }, 12],
    ["points elsewhere", { path: "/repos", status: 302, headers: { location: "https://evil.test/" } }, 12],
  ])("exits by what happened where GitHub %s", async (_, failing, code) => {
    writeWaivers(waiver("SOON"));
    github.failing = failing;
    expect(await remind("--apply")).toMatchObject({ code });
    expect(github.messages).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["a token", "GITHUB_TOKEN", ""],
    ["an address over https", "GITHUB_API_URL", "http://github.test"],
    ["an address that is one", "GITHUB_API_URL", "github"],
  ])("exits 12 without %s", async (_, name, value) => {
    writeWaivers(waiver("SOON"));
    vi.stubEnv(name, value);
    expect(await remind("--apply")).toMatchObject({ code: 12 });
  });

  it("counts weeks as ISO 8601 does", () => {
    const weeks = ["2026-01-01", "2026-12-31", "2027-01-03", "2027-01-04", "2024-12-30", "2021-01-03"];
    const told = weeks.map((day) => isoWeek(new Date(`${day}T23:59:59Z`)));
    expect(told).toEqual(["2026-W01", "2026-W53", "2026-W53", "2027-W01", "2025-W01", "2020-W53"]);
  });
});

describe("mc waivers verify", { timeout: 60_000 }, () => {
  it("bears out approvals by people who approved the newest commit", async () => {
    writeWaivers(waiver("W-1", { approvals: [approval("sam"), approval("@Mia")] }));
    github.reviews.push(
      review("mia"),
      review("sam", "CHANGES_REQUESTED"),
      review("sam"),
      review("Sam", "COMMENTED"),
    );
    expect(await verify()).toMatchObject({ code: 0, stdout: "" });
  });

  it.each<[string, readonly object[], string]>([
    ["nobody reviewed", [], "sam did not review the pull request"],
    ["somebody else did", [review("mia")], "sam did not review"],
    ["they only commented", [review("sam", "COMMENTED")], "sam did not review"],
    ["they asked for changes", [review("sam"), review("sam", "CHANGES_REQUESTED")], "is changes requested"],
    ["it was dismissed", [review("sam", "DISMISSED")], "is dismissed"],
    ["they saw an earlier commit", [review("sam", "APPROVED", "older")], "sam approved an earlier commit"],
    ["it was a program", [review("sam", "APPROVED", "head", "Bot")], "sam is no person"],
  ])("does not where %s", async (_, reviews, why) => {
    writeWaivers(waiver("W-1", { approvals: [approval("sam")] }));
    github.reviews.push(...reviews);
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([10, expect.stringContaining(why)]);
    expect(stdout).toMatch(/^w\.yaml:1:\d+: W-1: The approval by sam: .+ \[not-reviewed\]\n$/);
  });

  it("does not take the author's word, whatever the API says", async () => {
    writeWaivers(waiver("W-1", { approvals: [approval("Ana")] }));
    github.reviews.push(review("ana"));
    expect((await verify()).stdout).toContain("ana wrote the pull request");
  });

  it("looks only at what the change touches, by the logins that it is told", async () => {
    const old = waiver("OLD", { approvals: [approval("zoe")] });
    folder.write("before.yaml", JSON.stringify({ waivers: [old] }));
    writeWaivers(waiver("NEW", { approvals: [approval("Sam Smith")] }), old);
    github.reviews.push(review("ssmith"));
    const { code, stdout } = await verify(
      "--base",
      "before.yaml",
      "--login",
      "Sam Smith=ssmith",
      "-o",
      "json",
    );
    expect([code, JSON.parse(stdout)]).toEqual([0, { version: 1, waivers: ["NEW"], problems: [] }]);
    expect(await verify("--login", "Sam Smith=ssmith")).toMatchObject({ code: 10 });
  });

  it("cannot tell while GitHub does not answer, and reads every page", async () => {
    writeWaivers(waiver("W-1", { approvals: [approval("sam")] }));
    github.reviews.push(...Array.from({ length: 130 }, () => review("mia", "COMMENTED")), review("sam"));
    expect(await verify()).toMatchObject({ code: 0 });
    github.failing = { path: "/repos/acme/policy/pulls/17/reviews", status: 500 };
    expect(await verify()).toMatchObject({ code: 11 });
  });
});

describe("mc waivers sync", { timeout: 60_000 }, () => {
  it("prints the ConfigMap that the gate watches, text and all", async () => {
    folder.write("w.yaml", SAMPLE);
    const { code, stdout } = await mc("sync", "w.yaml", "--namespace", "gate");
    expect(code).toBe(0);
    expect(stdout).toContain("waivers.yaml: |\n");
    expect(parse(stdout)).toMatchObject({
      kind: "ConfigMap",
      metadata: { namespace: "gate", name: "mc-gate-waivers" },
      data: { "waivers.yaml": SAMPLE },
    });
  });

  it.each([
    ["no line end at its end", "waivers: []"],
    ["several", "waivers: []\n\n\n"],
    ["a first line that is indented", "  # mine\nwaivers: []\n"],
    ["Windows line ends", "waivers: []\r\n# end\r\n"],
    ["tabs and quotes in a comment", "waivers: [] #\t'\"\\\n"],
  ])("keeps a document with %s to the byte", async (_, text) => {
    folder.write("w.yaml", text);
    const { stdout } = await mc("sync", "w.yaml");
    expect((parse(stdout) as { data: object }).data).toEqual({ "waivers.yaml": text });
  });

  it("says where the cluster's differs", async () => {
    folder.write("w.yaml", SAMPLE);
    folder.write("cm.yaml", (await mc("sync", "w.yaml")).stdout);
    expect(await mc("sync", "w.yaml", "--check", "cm.yaml")).toMatchObject({ code: 0, stdout: "" });
    folder.write("w.yaml", SAMPLE.replace("ttl: 5d", "ttl: 4d"));
    const differs = await mc("sync", "w.yaml", "--check", "cm.yaml");
    expect(differs.code).toBe(10);
    expect(differs.stdout).toContain("-    ttl: 5d\n+    ttl: 4d\n");
    const none = { kind: "ConfigMap", metadata: { name: "mc-gate-waivers", namespace: "mc-gate" } };
    folder.write("cm.json", JSON.stringify(none));
    expect(await mc("sync", "w.yaml", "--check", "cm.json")).toMatchObject({ code: 10 });
    expect(await mc("sync", "w.yaml", "--check", "cm.json", "--namespace", "other")).toMatchObject({
      code: 12,
    });
  });

  it("prints nothing of a document with problems", async () => {
    folder.write("w.yaml", "waivers:\n  - id: a\n");
    expect(await mc("sync", "w.yaml")).toMatchObject({ code: 10, stdout: "" });
  });
});
