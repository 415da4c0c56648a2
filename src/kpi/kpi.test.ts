import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Repository } from "../fleet/index.ts";
import { OutboundError } from "../outbound/index.ts";
import { evaluateRun, type JobFact, type Note, type RunFact } from "./evaluate-run.ts";
import { type Evaluation, type Rule, RULES } from "./facts.ts";
import {
  createExporter,
  createLedger,
  type KpiPort,
  newLedger,
  readLedger,
  registerWebhook,
} from "./index.ts";
import { abandon, advance, type OpenFailures } from "./recoveries.ts";

const REUSABLE = "acme/mc/.github/workflows/_reusable-ci-security.yml";
const OF = { owner: "acme", reusable: REUSABLE };
const NOW = Date.parse("2026-12-01T08:00:00Z");
const MINUTE = 60_000;
const DAY = 86_400_000;
const inMemory = { append: () => undefined, replace: () => undefined };

const run = (more: Partial<RunFact> = {}): RunFact => ({
  id: 7,
  attempt: 1,
  path: ".github/workflows/mc.yml",
  event: "pull_request",
  branch: "feature",
  sha: "a",
  from: 1,
  isCompleted: true,
  updatedAt: NOW,
  called: [{ path: `${REUSABLE}@v1`, sha: "c" }],
  ...more,
});
const job = (name: string, conclusion?: string, more: Partial<JobFact> = {}): JobFact => ({
  id: 1,
  name,
  conclusion,
  startedAt: NOW - MINUTE,
  completedAt: NOW,
  ...more,
});
const evaluate = (
  jobs: readonly JobFact[],
  notes: readonly Note[] | undefined = [],
  more: Partial<RunFact> = {},
) => evaluateRun({ run: run(more), jobs, repository: 1, reusable: REUSABLE }, async () => notes);

describe("a run becomes answers", () => {
  const mode = job("mc / mode (prod)", "success");
  it.each<[string, JobFact[], object]>([
    ["a pass", [mode, job("mc / gate", "success")], { outcome: "passed", profile: "prod", rules: [] }],
    [
      "a failure of a scan",
      [mode, job("mc / scan a", "failure"), job("mc / gate", "failure")],
      { outcome: "failed", rules: ["job/scan"] },
    ],
    [
      "a failure of the tools",
      [mode, job("mc / tools", "failure"), job("mc / scan a", "skipped"), job("mc / gate", "failure")],
      { outcome: "failed", rules: ["job/tools"] },
    ],
    [
      "a wrong profile",
      [job("mc / mode (x)", "failure"), job("mc / gate", "failure")],
      { outcome: "failed", profile: "unknown", rules: ["job/mode"] },
    ],
    [
      "a scan that timed out",
      [mode, job("mc / scan a", "timed_out"), job("mc / gate", "failure")],
      { outcome: "failed" },
    ],
    [
      "a gate that fails because a push cancelled its jobs",
      [mode, job("mc / scan a", "cancelled"), job("mc / gate", "failure")],
      { outcome: "cancelled", rules: [] },
    ],
    [
      "a failure beside a cancelled job",
      [mode, job("mc / scan a", "cancelled"), job("mc / scan b", "failure"), job("mc / gate", "failure")],
      { outcome: "failed" },
    ],
    ["a cancelled gate", [mode, job("mc / gate", "cancelled")], { outcome: "cancelled" }],
    [
      "an older workflow without its profile",
      [job("mc / mode", "success"), job("mc / gate", "success")],
      { outcome: "passed", profile: "unknown" },
    ],
    [
      "a failed gate whose jobs are all well",
      [mode, job("mc / gate", "failure")],
      { outcome: "failed", rules: ["other"] },
    ],
    ["a conclusion that is new", [mode, job("mc / gate", "puzzled")], { outcome: "unknown" }],
    [
      "a gate of another workflow only",
      [job("build", "success"), job("gate", "success")],
      { outcome: "unknown", job: "" },
    ],
  ])("%s", async (_, jobs, expected) => {
    expect(await evaluate(jobs)).toMatchObject([expected]);
  });

  it("one for each call, each with its own jobs and time", async () => {
    const jobs = [
      job("api / mode (prod)", "success", { startedAt: NOW - 5 * MINUTE }),
      job("api / gate", "success"),
      job("web / mode (dev)", "success"),
      job("web / scan a", "skipped", { startedAt: NOW - DAY }),
      job("web / gate", "success"),
    ];
    expect((await evaluate(jobs)).map(({ job: name, profile, seconds }) => [name, profile, seconds])).toEqual(
      [
        ["api / gate", "prod", 300],
        ["web / gate", "dev", 60],
      ],
    );
  });

  it("whose rules are a closed set, and unread where notes cannot be read", async () => {
    const jobs = [mode, job("mc / scan a", "failure"), job("mc / gate", "failure")];
    const note = { title: "MC rules", message: "vulnerability/blocked, x{}\n|,vulnerability/scan-missing" };
    expect((await evaluate(jobs, [note]))[0]?.rules).toEqual([
      "vulnerability/blocked",
      "vulnerability/scan-missing",
      "other",
    ]);
    expect(
      (await evaluateRun({ run: run(), jobs, repository: 1, reusable: REUSABLE }, async () => undefined))[0]
        ?.rules,
    ).toEqual(["unread"]);
    const many = Array.from({ length: 30 }, (_, at) => job(`mc / scan ${at}`, "failure"));
    expect((await evaluate([mode, ...many, job("mc / gate", "failure")]))[0]?.rules).toEqual([
      "job/scan",
      "unread",
    ]);
  });

  it("by every code that the policy gives", () => {
    const codes = [...readFileSync("policy/supplychain.rego", "utf8").matchAll(/"code": "([^"]+)"/g)].map(
      ([, code]) => code,
    );
    expect(codes.length).toBeGreaterThan(1);
    expect(codes.filter((code) => !RULES.some((rule) => rule === code))).toEqual([]);
  });

  it("of no thread in a merge queue, and of another one for a fork's branch", async () => {
    const jobs = [mode, job("mc / gate", "success")];
    const threads = await Promise.all(
      [{}, { from: 2 }, { event: "push" }, { branch: "b" }, { event: "merge_group" }].map(
        async (more) => (await evaluate(jobs, [], more))[0]?.thread,
      ),
    );
    expect(new Set(threads).size).toBe(5);
    expect(threads.at(-1)).toBeUndefined();
  });
});

const answer = (at: number, sha: string, rules: readonly Rule[] | "passed"): Evaluation => ({
  repository: 1,
  run: at,
  attempt: 1,
  job: "gate",
  at: at * MINUTE,
  sha,
  thread: "t",
  profile: "prod",
  outcome: rules === "passed" ? "passed" : "failed",
  rules: rules === "passed" ? [] : rules,
});

describe("failed, then", () => {
  const B = "vulnerability/blocked";
  const S = "job/scan";
  it.each<[string, Evaluation[], unknown[]]>([
    [
      "another commit passes: fixed",
      [answer(0, "a", [B]), answer(9, "b", "passed")],
      [
        [B, "fixed", 540],
        [undefined, "fixed", 540],
      ],
    ],
    [
      "the same commit passes: flaky",
      [answer(0, "a", [B]), answer(9, "a", "passed")],
      [
        [B, "flaky", 540],
        [undefined, "flaky", 540],
      ],
    ],
    [
      "fails again, and passes: from the first failure",
      [answer(0, "a", [B]), answer(5, "b", [B]), answer(9, "c", "passed")],
      [
        [B, "fixed", 540],
        [undefined, "fixed", 540],
      ],
    ],
    [
      "fails again, and that commit passes: flaky",
      [answer(0, "a", [B]), answer(5, "b", [B]), answer(9, "b", "passed")],
      [
        [B, "flaky", 540],
        [undefined, "flaky", 540],
      ],
    ],
    [
      "another rule fails: the first is fixed, the gate is not",
      [answer(0, "a", [B]), answer(5, "b", [S])],
      [[B, "fixed", 300]],
    ],
    ["unread rules fail: nothing is fixed", [answer(0, "a", [B]), answer(5, "b", ["unread"])], []],
    ["a pass that is older arrives: nothing", [answer(9, "a", [B]), answer(5, "b", "passed")], []],
    ["nothing: nothing", [answer(0, "a", [B])], []],
    ["a pass without a failure: nothing", [answer(0, "a", "passed")], []],
  ])("%s", (_, answers, expected) => {
    const open: OpenFailures = new Map();
    const ended = answers.flatMap((each) => advance(open, each));
    expect(ended.map(({ rule, how, seconds }) => [rule, how, seconds])).toEqual(expected);
  });

  it("nothing for 14 days: abandoned, and not a moment before", () => {
    const open: OpenFailures = new Map();
    advance(open, answer(0, "a", [B]));
    expect(abandon(open, 14 * DAY - 1)).toEqual([]);
    expect(abandon(open, 14 * DAY).map(({ rule, how }) => [rule, how])).toEqual([
      [B, "abandoned"],
      [undefined, "abandoned"],
    ]);
    expect(open.size).toBe(0);
  });
});

const text = (all: Iterable<object>) => [...all].map((each) => JSON.stringify(each));
async function* of(lines: readonly string[]) {
  yield* lines;
}
const kept = () => {
  let lines: string[] = [];
  return {
    lines: () => lines,
    file: {
      append: (more: readonly object[]) => void lines.push(...text(more)),
      replace: (all: Iterable<object>) => void (lines = text(all)),
    },
  };
};
const failedAt = (minute: number): Evaluation => ({
  ...answer(minute, `${minute}`, ["job/scan"]),
  thread: `t${minute}`,
});

describe("the ledger", () => {
  it("continues where it was: counts, open failures and known answers", async () => {
    const { lines, file } = kept();
    const first = createLedger(newLedger(OF, 0), file);
    first.record([answer(1, "a", ["job/scan"]), failedAt(2)]);
    first.endPoll(10 * MINUTE, 0);
    first.record([failedAt(3)]);
    const second = createLedger((await readLedger(of(lines()), OF))!, file);
    expect([...second.counts()]).toEqual([...first.counts()]);
    expect([second.polled(), second.open(), second.answers().length]).toEqual([10 * MINUTE, 3, 3]);
    second.record([failedAt(3), answer(4, "b", "passed")]);
    const third = createLedger((await readLedger(of(lines()), OF))!, file);
    expect(third.counts().get("mc_kpi_recoveries_total|fixed")).toBe(1);
    expect(third.counts().get("mc_kpi_evaluations_total|prod|failed")).toBe(3);
  });

  it("counts nothing that it could not keep", () => {
    const ledger = createLedger(newLedger(OF, 0), {
      ...inMemory,
      append: () => {
        throw new Error("no space");
      },
    });
    expect(() => ledger.record([failedAt(1)])).toThrow("no space");
    expect([...ledger.counts().values()].every((value) => value === 0)).toBe(true);
    expect(ledger.has(1, 1)).toBe(false);
  });

  it("leaves out a torn last line, and refuses one in the middle, a foreign file and another organisation's", async () => {
    const { lines, file } = kept();
    createLedger(newLedger(OF, 0), file).record([failedAt(1), failedAt(2)]);
    const [base = "", one = "", two = ""] = lines();
    expect((await readLedger(of([base, one, two.slice(0, 30)]), OF))?.answers.size).toBe(1);
    await expect(readLedger(of([base, one.slice(0, 30), two]), OF)).rejects.toThrow("line 2 cannot be read");
    await expect(readLedger(of(["{}"]), OF)).rejects.toThrow("does not begin");
    await expect(readLedger(of([one]), OF)).rejects.toThrow("does not begin");
    await expect(readLedger(of([base]), { ...OF, owner: "other" })).rejects.toThrow("it is of acme");
    expect(await readLedger(of([]), OF)).toBeUndefined();
  });

  it("forgets what is old, and the oldest past its bound, which it says, and never counts either again", () => {
    const { file } = kept();
    const ledger = createLedger(newLedger(OF, 0), file, 5);
    ledger.record(Array.from({ length: 10 }, (_, minute) => failedAt(minute + 1)));
    expect(ledger.endPoll(20 * MINUTE, 2 * MINUTE)).toBe(3);
    expect(ledger.answers().map((each) => each.run)).toEqual([6, 7, 8, 9, 10]);
    const before = [...ledger.counts()];
    ledger.record([failedAt(3), failedAt(5)]);
    expect([...ledger.counts()]).toEqual(before);
  });
});

const SECRET = Buffer.from("a secret of the test");
const EVENT = {
  action: "completed",
  workflow_run: {
    id: 7,
    run_attempt: 1,
    path: ".github/workflows/mc.yml",
    event: "pull_request",
    head_branch: "b",
    head_sha: "a".repeat(40),
    head_repository: { id: 1 },
    repository: { id: 1 },
    status: "completed",
    updated_at: "2026-12-01T08:00:00Z",
    referenced_workflows: [{ path: `${REUSABLE}@v1`, sha: "c" }],
  },
  repository: { id: 1, full_name: "acme/a", owner: { login: "acme" } },
};

const repository = (id: number): Repository => ({
  id,
  name: `acme/r${id}`,
  defaultBranch: "main",
  isArchived: false,
  isDisabled: false,
  isFork: false,
  isTemplate: false,
  isMirror: false,
  pushedAt: new Date(NOW - DAY),
});
const idOf = (name: string): number => Number(name.slice("acme/r".length));

/** A GitHub of so many repositories, each with one run of its own version, branch, job and rule. */
function manyRepositories(count: number): KpiPort {
  return {
    async *repositories() {
      for (let id = 1; id <= count; id += 1) yield repository(id);
    },
    runs: async (name) => [
      run({ id: idOf(name), branch: name, called: [{ path: `${REUSABLE}@b${name}`, sha: name }] }),
    ],
    jobs: async (name) => [
      job(`${name} / mode (${name.slice(5)})`, "success"),
      job(`${name} / scan ${name}`, "failure"),
      job(`${name} / gate`, "failure"),
    ],
    notes: async (name) => [{ title: "MC rules", message: `${name},rule of ${name}` }],
    file: async (_, path) => (path.endsWith("waivers.yaml") ? "waivers: [" : undefined),
    tags: async () => Array.from({ length: count }, (_, at) => ({ tag: `v1.${at}.0`, sha: `acme/r${at}` })),
  };
}

function exporterOf(github: KpiPort, secret: Buffer | undefined = SECRET) {
  const ledger = createLedger(newLedger(OF, 0), inMemory);
  const options = { ...OF, github, ledger, optOuts: [], waivers: "policy/waivers.yaml", activeMs: 90 * DAY };
  return createExporter({ ...options, windowMs: 30 * DAY, version: "1", now: () => NOW, secret });
}

describe("the exporter", () => {
  it("has as many series for 10,000 repositories as for 100, and none names one", async () => {
    const [few, many] = [exporterOf(manyRepositories(100)), exporterOf(manyRepositories(10_000))];
    await few.poll();
    await many.poll();
    const samples = many.samples();
    expect(
      samples.find(({ name, labels }) => name === "mc_kpi_repositories" && labels["state"] === "adopted")
        ?.value,
    ).toBe(10_000);
    expect(samples.length).toBe(few.samples().length);
    expect(samples.length).toBeLessThan(250);
    expect(
      samples.filter(({ labels }) => Object.values(labels).some((each) => each.includes("acme"))),
    ).toEqual([]);
    expect(
      new Set(samples.map(({ name, series, labels }) => JSON.stringify([name, series, labels]))).size,
    ).toBe(samples.length);
  });

  it("reads a run that a webhook tells of, once, and leaves to the next poll what GitHub does not answer", async () => {
    const github = manyRepositories(1);
    let isDown = true;
    const jobs: KpiPort["jobs"] = (...all) =>
      isDown ? Promise.reject(new OutboundError("could not list the jobs", true)) : github.jobs(...all);
    const exporter = exporterOf({ ...github, jobs });
    const body = Buffer.from(JSON.stringify(EVENT));
    const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
    const send = () => exporter.webhook({ body, signature, event: "workflow_run" });
    const failed = () =>
      exporter
        .samples()
        .find(
          ({ name, labels }) =>
            name === "mc_kpi_evaluations_total" &&
            labels["outcome"] === "failed" &&
            labels["profile"] === "unknown",
        )?.value;
    expect(send()).toBe("accepted");
    expect([await exporter.drain(), failed()]).toEqual([1, 0]);
    isDown = false;
    expect([send(), send()]).toEqual(["accepted", "accepted"]);
    expect([await exporter.drain(), failed()]).toEqual([0, 1]);
  });
});

const sign = (body: string, secret: Buffer = SECRET) =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

const STATUS = { forged: 401, ignored: 202, malformed: 400 } as const;

describe("POST /webhook", () => {
  let app: FastifyInstance;
  let exporter: ReturnType<typeof exporterOf>;
  beforeEach(() => {
    exporter = exporterOf(manyRepositories(1));
    app = fastify({ bodyLimit: 1024 });
    registerWebhook(app, exporter.webhook);
  });
  afterEach(() => app.close());

  const counted = () =>
    Object.fromEntries(
      exporter
        .samples()
        .filter(({ name, value }) => name === "mc_kpi_webhooks_total" && value > 0)
        .map(({ labels, value }) => [labels["outcome"], value]),
    );
  const post = (body: string, headers: Record<string, string | undefined>) =>
    app.inject({
      method: "POST",
      url: "/webhook",
      payload: body,
      headers: { "content-type": "application/json", "x-github-event": "workflow_run", ...headers },
    });
  const BODY = `${JSON.stringify(EVENT, undefined, 2)} `; // bytes that a parser would not give back

  it("takes one whose signature is over its bytes", async () => {
    expect((await post(BODY, { "x-hub-signature-256": sign(BODY) })).statusCode).toBe(202);
    expect(counted()).toEqual({ accepted: 1 });
  });

  it.each<[string, string, Record<string, string | undefined>, keyof typeof STATUS]>([
    ["without a signature", BODY, {}, "forged"],
    [
      "with another secret's",
      BODY,
      { "x-hub-signature-256": sign(BODY, Buffer.from("another secret, so")) },
      "forged",
    ],
    [
      "changed after it was signed",
      BODY.replace("acme/a", "acme/b"),
      { "x-hub-signature-256": sign(BODY) },
      "forged",
    ],
    [
      "with the same JSON in other bytes",
      JSON.stringify(EVENT),
      { "x-hub-signature-256": sign(BODY) },
      "forged",
    ],
    ["with half a signature", BODY, { "x-hub-signature-256": sign(BODY).slice(0, 40) }, "forged"],
    [
      "signed by SHA-1",
      BODY,
      { "x-hub-signature": "sha1=00", "x-hub-signature-256": `sha1=${"0".repeat(40)}` },
      "forged",
    ],
    ["of another event", BODY, { "x-hub-signature-256": sign(BODY), "x-github-event": "ping" }, "ignored"],
    ["that is no JSON", "{", { "x-hub-signature-256": sign("{") }, "malformed"],
    ["of another form", "{}", { "x-hub-signature-256": sign("{}") }, "malformed"],
    ["as a form", BODY, { "content-type": "application/x-www-form-urlencoded" }, "forged"],
  ])("%s: counted as it is, and nothing else", async (_, body, headers, outcome) => {
    expect((await post(body, headers)).statusCode).toBe(STATUS[outcome]);
    expect(counted()).toEqual({ [outcome]: 1 });
  });

  it.each([
    ["another organisation's", { ...EVENT, repository: { ...EVENT.repository, owner: { login: "evil" } } }],
    ["a run that has not ended", { ...EVENT, action: "requested" }],
    [
      "a run of another workflow",
      { ...EVENT, workflow_run: { ...EVENT.workflow_run, referenced_workflows: [] } },
    ],
  ])("%s, signed, is ignored", async (_, event) => {
    const body = JSON.stringify(event);
    await post(body, { "x-hub-signature-256": sign(body) });
    expect(counted()).toEqual({ ignored: 1 });
  });

  it("refuses a body of more than 1 MiB before it is read, and takes one of 900 KiB", async () => {
    const large = "x".repeat(1024 * 1024 + 1);
    expect((await post(large, { "x-hub-signature-256": sign(large) })).statusCode).toBe(413);
    const fits = JSON.stringify({ ...EVENT, more: "x".repeat(900 * 1024) });
    expect((await post(fits, { "x-hub-signature-256": sign(fits) })).statusCode).toBe(202);
  });

  it("drops what comes while 10,000 wait", async () => {
    const body = Buffer.from(BODY);
    const signature = sign(BODY);
    for (let at = 0; at < 10_001; at += 1) exporter.webhook({ body, signature, event: "workflow_run" });
    expect(counted()).toEqual({ accepted: 10_000, dropped: 1 });
  });

  it("ignores all where there is no secret", () => {
    const open = createExporter({
      ...OF,
      github: manyRepositories(1),
      ledger: createLedger(newLedger(OF, 0), inMemory),
      optOuts: [],
      waivers: "w",
      activeMs: DAY,
      windowMs: DAY,
      version: "1",
      now: () => NOW,
      secret: undefined,
    });
    const body = Buffer.from(BODY);
    expect(open.webhook({ body, signature: sign(BODY, Buffer.alloc(0)), event: "workflow_run" })).toBe(
      "ignored",
    );
  });
});
