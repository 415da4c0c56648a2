import { readFileSync } from "node:fs";

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";

import { isoWeek, weeklyReminder } from "../../src/cli/waivers/reminder.ts";
import { digestOf } from "../../src/core/index.ts";
import type { Waiver, WaiverAudit } from "../../src/waivers/index.ts";
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
    expect(stdout).toContain("The issue would be created.\nSlack would be notified about SOON.\nA dry run");
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
      "POST /repos/acme/policy/issues/1/comments",
      "POST slack",
      "POST /repos/acme/policy/issues/1/comments",
      "DELETE /repos/acme/policy/issues/comments/7001",
    ]);
    expect(github.comments.map(({ body }) => body)).toEqual([
      "Slack was notified about waivers that end within 48 hours: `SOON`.\n<!-- mc-gate:told:SOON@2026-11-26T10:00:00.000Z -->",
    ]);
    expect(github.messages).toEqual([
      "Waivers that end within 48 hours:\n\u2022 SOON (signature) in 1d, owner team-shop",
    ]);
    const [issue] = github.issues;
    expect(issue!.title).toBe("Waivers to review, week 2026-W48");
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
      "Slack was notified about 0 of 1 waivers; the next run sends the others.\nCannot tell: could not post to Slack: HTTP 500; retry in a while.\n",
    ]);
    expect(github.comments).toEqual([]);
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

  it.each([
    ["an address", "https://evil.example/x", "https[:]//evil.example/x"],
    ["a link", "[me](http://evil.example)", "[me](http[:]//evil.example)"],
    ["bold, code and struck", "*b* `c` ~s~", "\u2217b\u2217 'c' \u223Cs\u223C"],
    ["a bare host", "www.evil.example", "www[.]evil.example"],
  ])("shows %s in an owner's name as words, in Slack", async (_, owner, shown) => {
    writeWaivers(waiver("SOON", { owners: [owner] }));
    await remind("--apply");
    expect(github.messages[0]).toMatch(/owner (.*)$/);
    expect(/owner (.*)$/.exec(github.messages[0]!)![1]).toBe(shown);
  });

  it("tells of every waiver in messages of whole lines, and records each message that was taken", async () => {
    const ids = Array.from({ length: 150 }, (_, at) => `END-${at}`);
    const owners = ["the-team-that-looks-after-the-shop-and-its-payments"];
    writeWaivers(...ids.map((id) => waiver(id, { owners, digest: digestOf(id) })));
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    const lines = github.messages.flatMap((text) => text.split("\n").slice(1));
    expect(
      lines.map((line) => /^\u2022 (\S+) \(signature\) in 1d, owner the-.*payments$/.exec(line)?.[1]),
    ).toEqual(ids);
    expect(github.messages.every((text) => text.length <= 3500)).toBe(true);
    expect(github.messages.length).toBe(github.comments.length);
    await remind("--apply");
    expect(github.messages.flatMap((text) => text.split("\n").slice(1))).toHaveLength(150);
  });

  it("tells of the others next time where Slack took only some messages", async () => {
    const ids = Array.from({ length: 150 }, (_, at) => `END-${at}`);
    writeWaivers(...ids.map((id) => waiver(id, { digest: digestOf(id) })));
    github.beforeWrite = (write) => {
      if (write === "POST slack" && github.messages.length === 1)
        github.failing = { path: "/services", status: 429 };
    };
    const { code, stderr } = await remind("--apply");
    const first = github.messages[0]!.split("\n").length - 1;
    expect([code, stderr]).toEqual([
      11,
      expect.stringContaining(`Slack was notified about ${first} of 150 waivers`),
    ]);
    [github.beforeWrite, github.failing] = [undefined, undefined];
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    const lines = github.messages.flatMap((text) => text.split("\n").slice(1));
    expect(lines.map((line) => line.split(" ")[1])).toEqual(ids);
  });

  it("goes on in comments where the week's table outgrows an issue, and takes them back when it shrinks", async () => {
    const owners = Array.from({ length: 16 }, (_, at) => `team-${at}-${"x".repeat(60)}`);
    const many = Array.from({ length: 120 }, (_, at) =>
      waiver(`W-${at}`, { owners, digest: digestOf(`${at}`), ttl: "5d" }),
    );
    writeWaivers(...many);
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    const texts = [github.issues[0]!.body, ...github.comments.map(({ body }) => body)];
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.every((text) => text.length <= 65_536)).toBe(true);
    const rows = texts.flatMap((text) => [...text.matchAll(/^\| `(W-\d+)` \|/gm)].map(([, id]) => id));
    expect(rows).toEqual(many.map((_, at) => `W-${at}`));
    github.writes.length = 0;
    expect((await remind("--apply", "-o", "json")).stdout).toContain('"issue": "keep"');
    expect(github.writes).toEqual([]);
    writeWaivers(...many.slice(0, 1));
    await remind("--apply");
    expect(github.comments.map(({ body }) => body.split("\n")[1])).toEqual(
      github.comments.map(() => "Nothing more."),
    );
    github.writes.length = 0;
    await remind("--apply");
    expect(github.writes).toEqual([]);
  });

  it("says how many rows no page is left for", () => {
    const owners = Array.from({ length: 16 }, () => "x".repeat(128));
    const end = new Date("2026-11-26T10:00:00Z");
    const one = { id: "W", class: "sbom", owners, until: end } as unknown as Waiver;
    const audit = {
      active: Array.from({ length: 1000 }, () => ({ waiver: one })),
      expired: [],
    } as unknown as WaiverAudit;
    const { pages } = weeklyReminder(audit, new Date(AT));
    const rows = pages.join("\n").match(/^\| `W` /gm)!.length;
    expect([pages.length, pages.every((page) => page.length <= 65_536)]).toEqual([20, true]);
    expect(pages.at(-1)).toContain(`And ${1000 - rows} more; \`mc waivers audit\` lists them all.`);
  });

  it("believes no stamp that somebody else wrote, in an issue or in a comment", async () => {
    writeWaivers(waiver("SOON"));
    await remind();
    const stamp = "<!-- mc-gate:told:SOON@2026-11-26T10:00:00.000Z -->";
    const theirs = {
      state: "open",
      title: "t",
      labels: ["mc-gate-waivers"],
      html_url: "u",
      user: { login: "mallory" },
    };
    github.issues.push({ ...theirs, number: 1, body: `<!-- mc-gate:waivers:2026-W48 -->\n${stamp}` });
    await remind("--apply");
    expect([github.messages.length, github.issues.length]).toEqual([1, 2]);
    const own = github.issues.find(({ user }) => user.login !== "mallory")!;
    github.comments.length = 0;
    github.comment(own.number, stamp, "mallory");
    await remind("--apply");
    expect(github.messages).toHaveLength(2);
    expect(github.issues.find(({ number }) => number === 1)).toMatchObject({
      state: "open",
      body: expect.stringContaining(stamp),
    });
  });

  it("leaves telling to another run that began before it, unless that one never ended", async () => {
    writeWaivers(waiver("SOON"));
    const claim = "<!-- mc-gate:telling -->\n";
    github.beforeWrite = (write) => {
      if (write.endsWith("/comments") && github.comments.length === 0) github.comment(1, claim, github.login);
    };
    const { code, stderr } = await remind("--apply");
    expect([code, stderr]).toEqual([
      11,
      expect.stringContaining("Another run has been notifying Slack since"),
    ]);
    expect([github.messages, github.comments.map(({ body }) => body)]).toEqual([[], [claim]]);
    github.comments.length = 0;
    github.comment(1, claim, github.login, new Date(Date.now() - 11 * 60_000));
    github.comment(1, claim, "mallory");
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    expect(github.messages).toHaveLength(1);
  });

  it("tells of nothing that another run told between its reading and its turn", async () => {
    writeWaivers(waiver("SOON"));
    const stamp = "<!-- mc-gate:told:SOON@2026-11-26T10:00:00.000Z -->";
    github.beforeWrite = (write) => {
      if (write.endsWith("/comments") && github.comments.length === 0) github.comment(1, stamp, github.login);
    };
    expect(await remind("--apply")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("nothing to notify Slack about"),
    });
    expect(github.messages).toEqual([]);
  });

  it("closes its own issue where another run made one at the same time, and goes on in that", async () => {
    writeWaivers(waiver("SOON"));
    github.beforeWrite = (write) => {
      if (write !== "POST /repos/acme/policy/issues" || github.issues.length > 0) return;
      const body = "<!-- mc-gate:waivers:2026-W48 -->\n";
      const rest = { state: "open", title: "t", labels: ["mc-gate-waivers"], html_url: "u" };
      github.issues.push({ ...rest, number: 1, body, user: { login: github.login } });
    };
    expect(await remind("--apply")).toMatchObject({ code: 0 });
    const states = github.issues.map(({ number, state }) => `#${number} ${state}`).toSorted();
    expect(states).toEqual(["#1 open", "#2 closed"]);
    expect(github.issues.find(({ number }) => number === 1)!.body).toContain("`SOON`");
    expect(github.comments.map(({ issue }) => issue)).toEqual([1]);
  });

  it("run twice at once makes one open issue and one message", async () => {
    writeWaivers(waiver("SOON"));
    const args = ["waivers", "remind", "w.yaml", "--repo", "acme/policy", "--at", AT, "--apply"];
    const outcomes = await Promise.all([folder.mc(args, ""), folder.mc(args, "")]);
    expect(outcomes.map(({ code }) => code)).toContain(0);
    expect(github.messages).toHaveLength(1);
    expect(github.issues.filter(({ state }) => state === "open")).toHaveLength(1);
  });

  it("closes the issues of former weeks that it wrote, and says so beforehand", async () => {
    writeWaivers(waiver("SOON"));
    await remind("--apply", "--at", "2026-11-20T10:00:00Z");
    const theirs = { ...github.issues[0]!, number: 900, user: { login: "mallory" } };
    github.issues.push(theirs);
    expect((await remind()).stdout).toContain("Issues of former weeks would be closed: #1.");
    expect((await remind("--apply", "-o", "json")).stdout).toMatch(/"closed": \[\s*1\s*\]/);
    const states = github.issues.map(({ number, state }) => `#${number} ${state}`).toSorted();
    expect(states).toEqual(["#1 closed", "#3 open", "#900 open"]);
  });

  it("exits 12 where the token's user cannot be known", async () => {
    writeWaivers(waiver("SOON"));
    github.login = "";
    expect(await remind("--apply")).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("could not look up the token's user"),
    });
    expect(github.writes).toEqual([]);
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
    ["it was a program", [review("sam", "APPROVED", "head", "Bot")], "sam is not a person"],
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

  it("reads on behind a page that is not full: who took an approval back is there", async () => {
    writeWaivers(waiver("W-1", { approvals: [approval("sam")] }));
    github.perPage = 40;
    const others = Array.from({ length: 60 }, () => review("mia", "COMMENTED"));
    github.reviews.push(review("sam"), ...others, review("sam", "CHANGES_REQUESTED"));
    expect(await verify()).toMatchObject({
      code: 10,
      stdout: expect.stringContaining("is changes requested"),
    });
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
