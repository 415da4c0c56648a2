import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../../test/support/fake-org/fake-org.ts";
import { newRepo } from "../../test/support/fake-org/repo.ts";
import { fillKpiOrg, KINDS, namesOf, OPT_OUTS } from "../../test/support/kpi-fixture.ts";
import { addRun, DAY, HOUR, NOW, REUSABLE } from "../../test/support/kpi-runs.ts";
import { createFleetClient } from "../fleet/index.ts";
import { createTableMetrics } from "../metrics/index.ts";
import {
  createExporter,
  createLedger,
  KPI_METRICS,
  kpiJson,
  kpiMarkdown,
  kpiHtml,
  kpiReads,
  kpisOf,
  type Ledger,
  look,
  newLedger,
} from "./index.ts";

const OF = { owner: "acme", reusable: REUSABLE };
const WINDOW = 30 * DAY;

let org: FakeOrg;
beforeEach(async () => {
  org = await startFakeOrg();
});
afterEach(() => org.close());

const inMemory = { append: () => undefined, replace: () => undefined };
const github = () =>
  kpiReads(createFleetClient({ url: org.url, token: ORG_TOKEN, clock: org.clock, retryMs: 1 }));
const looking = () => ({
  ...OF,
  github: github(),
  optOuts: OPT_OUTS,
  waivers: "policy/waivers.yaml",
  activeMs: 90 * DAY,
});

const exporterOf = (ledger: Ledger) =>
  createExporter({
    ...looking(),
    ledger,
    windowMs: WINDOW,
    version: "1",
    now: () => NOW,
    secret: undefined,
  });

async function lookOnce(ledger: Ledger) {
  const since = NOW - WINDOW;
  const known = { has: ledger.has, record: ledger.record, ran: (id: number) => ledger.ranSince(id, since) };
  const found = await look({ ...looking(), now: new Date(NOW), since: new Date(since), known });
  return { found, kpis: kpisOf(found, ledger.answers(), { now: NOW, windowMs: WINDOW }) };
}

const countOf = (state: string) =>
  KINDS.filter((kind) => kind.state === state).reduce((sum, kind) => sum + kind.count, 0);
const upTo = (most: number) => Array.from({ length: most }, (_, at) => 101 + at);
const times = (count: number, ...values: number[]) => Array.from({ length: count }, () => values).flat();
const middle = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return (sorted[Math.floor(at)]! + sorted[Math.ceil(at)]!) / 2;
};

describe("120 repositories with known answers", () => {
  beforeEach(() => fillKpiOrg(org));

  it("are each what their kind is, and add up", async () => {
    const { found, kpis } = await lookOnce(createLedger(newLedger(OF, 0), inMemory));
    expect(found.repositories).toHaveLength(120);
    const expected = KINDS.flatMap((kind) => namesOf(kind).map((name) => [name, kind.state]));
    expect(Object.fromEntries(found.repositories.map(({ name, state }) => [name, state]))).toEqual(
      Object.fromEntries(expected),
    );
    expect(kpis.repositories).toEqual({
      adopted: 70,
      "not-adopted": 22,
      unknown: 6,
      "opted-out": 5,
      inactive: 6,
      excluded: 11,
    });
    expect(countOf("adopted")).toBe(70);
    expect(kpis.adoption).toEqual({ adopted: 70, active: 98, unknown: 6, share: 70 / 98, atMost: 76 / 98 });
  });

  it("have known failures, fixes, times and versions", async () => {
    const { kpis } = await lookOnce(createLedger(newLedger(OF, 0), inMemory));
    // passing 37, one each of three with waivers, behind 7, middle 2, pinned 1, ruleset 5, fixed 6, flaky 4
    expect(kpis.evaluations).toEqual({
      passed: 40 + 7 + 2 + 1 + 5 + 6 + 4,
      failed: 6 + 4 + 3 + 2,
      cancelled: 2,
      unknown: 0,
    });
    expect(kpis.failures).toMatchObject({
      "vulnerability/blocked": 6 + 3 + 2,
      "job/scan": 4,
      other: 3,
      unread: 0,
    });
    expect(kpis.recoveries).toEqual({ fixed: 6, flaky: 4, abandoned: 2 });
    expect(kpis.recoveriesByRule["vulnerability/blocked"]).toEqual({ fixed: 6, flaky: 0, abandoned: 2 });
    expect(kpis.recoveriesByRule["job/scan"]).toEqual({ fixed: 0, flaky: 4, abandoned: 0 });
    expect(kpis.open).toBe(3);
    expect(kpis.timeToGreen).toEqual({ count: 6, median: 3.5 * 3600 }); // 1 h to 6 h
    const seconds = [
      ...[37, 1, 1, 1, 7, 2, 1, 5].flatMap(upTo),
      ...times(6, 200, 210),
      ...times(4, 220, 230),
      ...times(3, 240),
      ...times(2, 250),
    ];
    expect(kpis.duration).toEqual({ count: seconds.length, median: middle(seconds) });
    expect(kpis.versions?.map(({ version, repositories }) => [version, repositories])).toEqual([
      ["v1.10.0", 70 - 7 - 2 - 1 - 5],
      ["v1.9.3", 2],
      ["v1.2.0", 7],
      ["older", 0],
      ["untagged", 1],
      ["unknown", 5],
    ]);
    expect(kpis.versions?.filter(({ isNewest }) => isNewest).map(({ version }) => version)).toEqual([
      "v1.10.0",
    ]);
    expect(kpis.waivers).toEqual({ pending: 0, active: 1, ending: 1, expired: 1 });
    expect(kpis.documents).toEqual({ read: 3, absent: 67, unreadable: 0, unknown: 0 });
  });

  it("count the same by the exporter, and no answer twice", async () => {
    const ledger = createLedger(newLedger(OF, NOW - WINDOW), inMemory);
    const exporter = createExporter({
      ...looking(),
      ledger,
      windowMs: WINDOW,
      version: "1.0.0",
      now: () => NOW,
      secret: undefined,
    });
    const metrics = createTableMetrics(KPI_METRICS, exporter.samples);
    const before = (await metrics(undefined)).text;
    expect(before).toContain('mc_kpi_evaluations_total{profile="prod",outcome="failed"} 0\n');
    expect(before).not.toContain("mc_kpi_repositories{");
    expect(before).toContain("mc_kpi_poll_timestamp_seconds 0\n");
    await exporter.poll();
    const { text } = await metrics(undefined);
    for (const line of [
      'mc_kpi_repositories{state="adopted"} 70',
      'mc_kpi_repositories{state="unknown"} 6',
      'mc_kpi_evaluations_total{profile="prod",outcome="failed"} 15',
      'mc_kpi_failures_total{profile="prod",rule="vulnerability/blocked"} 11',
      'mc_kpi_recoveries_total{how="fixed"} 6',
      "mc_kpi_time_to_green_seconds_count 6",
      'mc_kpi_time_to_green_seconds_bucket{le="3600"} 1',
      'mc_kpi_time_to_green_seconds_bucket{le="+Inf"} 6',
      'mc_kpi_version_repositories{version="v1.10.0"} 55',
      "mc_kpi_version_behind_repositories 15",
      'mc_kpi_waivers{state="ending"} 1',
      "mc_kpi_open_failures 3",
      `mc_kpi_waiver_next_end_timestamp_seconds ${Date.parse("2026-12-02T00:00:00Z") / 1000}`,
      `mc_kpi_poll_timestamp_seconds ${NOW / 1000}`,
      'mc_kpi_polls_total{outcome="whole"} 1',
    ])
      expect(text.split("\n")).toContain(line);
    await exporter.poll();
    const again = (await metrics(undefined)).text;
    expect(again.replace('outcome="whole"} 2', 'outcome="whole"} 1')).toBe(text);
    const open = await metrics("application/openmetrics-text");
    expect(open.text).toContain('mc_kpi_evaluations_total{profile="prod",outcome="failed"} 15\n');
    expect(open.text).toContain("# TYPE mc_kpi_evaluations counter\n");
  });

  it("make a report as Markdown, JSON and a page, in which no name is markup", async () => {
    org.repo("acme/never-2").name = "acme/_x_.script";
    const { found, kpis } = await lookOnce(createLedger(newLedger(OF, 0), inMemory));
    const text = kpiMarkdown(kpis, found);
    expect(text).toContain("| Active repositories that ran the workflow | 70 of 98: 71.4 % |");
    expect(text).toContain("6; at most 77.6 % if all of them did");
    expect(text).toContain("acme/&#95;x&#95;.script");
    expect(kpiJson(kpis, found)).toMatchObject({
      at: "2026-12-01T08:00:00Z",
      adoption: { adopted: 70, active: 98 },
    });
    const page = kpiHtml(kpis, found);
    expect(page).not.toContain("acme/");
    expect(page).toContain("Content-Security-Policy");
  });
});

describe("a poll", () => {
  it("fails where GitHub does not list the repositories, and keeps what it knew", async () => {
    org.repos.push(newRepo("acme/a", { x: "y" }));
    addRun(org.repo("acme/a"), { ago: HOUR, sha: "1", outcome: "passed" });
    const ledger = createLedger(newLedger(OF, 0), inMemory);
    const own = exporterOf(ledger);
    await own.poll();
    org.before = (_, path) =>
      path.startsWith("/orgs/") ? { status: 403, body: { message: "no" } } : undefined;
    await expect(own.poll()).rejects.toThrow("could not list the repositories of acme");
    const samples = own.samples();
    expect(samples).toContainEqual({ name: "mc_kpi_repositories", labels: { state: "adopted" }, value: 1 });
    expect(
      samples.find(({ name, labels }) => name === "mc_kpi_polls_total" && labels["outcome"] === "failed")
        ?.value,
    ).toBe(1);
  });

  it("reads more runs than GitHub lists at once", async () => {
    const repo = newRepo("acme/busy", { x: "y" });
    org.repos.push(repo);
    for (let at = 0; at < 1203; at += 1)
      addRun(repo, { ago: HOUR + at * 60_000, sha: "1", outcome: "passed", branch: `b${at}` });
    repo.runs = repo.runs.map((run, at) => (at % 400 === 0 ? run : { ...run, referenced_workflows: [] }));
    const ledger = createLedger(newLedger(OF, 0), inMemory);
    await exporterOf(ledger).poll();
    expect(ledger.answers()).toHaveLength(4);
  });

  it("does not count what ended before the counters began, and shows that it ran", async () => {
    const repo = newRepo("acme/a", { x: "y" });
    org.repos.push(repo);
    addRun(repo, { ago: 2 * HOUR, sha: "1", outcome: "failed" });
    const ledger = createLedger(newLedger(OF, NOW - HOUR), inMemory);
    const own = exporterOf(ledger);
    await own.poll();
    expect([...ledger.counts().values()].every((value) => value === 0)).toBe(true);
    expect(own.samples()).toContainEqual({
      name: "mc_kpi_repositories",
      labels: { state: "adopted" },
      value: 1,
    });
  });

  it("reads a failed run without the right to read its notes: the rule is unread", async () => {
    const repo = newRepo("acme/a", { x: "y" });
    org.repos.push(repo);
    addRun(repo, { ago: HOUR, sha: "1", outcome: "failed", rules: ["vulnerability/blocked"] });
    org.before = (_, path) =>
      path.endsWith("/annotations") ? { status: 403, body: { message: "no" } } : undefined;
    const ledger = createLedger(newLedger(OF, 0), inMemory);
    await exporterOf(ledger).poll();
    expect(ledger.answers().map(({ rules }) => rules)).toEqual([["unread"]]);
  });
});
