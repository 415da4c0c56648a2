import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { GATE_BOARD } from "../../../scripts/dashboard/sections.ts";
import { aPod, aReview } from "../../support/review.ts";
import { type RunningGate, startGate } from "../../support/running-gate.ts";
import { eventually, run, type Service, startService } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";

const POLICY = "unmatched: deny\nrules: []\n";

/** Data of an answer of Prometheus' API, where there is any. */
async function ask(url: string, path: string, query: Readonly<Record<string, string>>): Promise<unknown[]> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
  const { data } = (await answer.json()) as { data: unknown[] | { result: unknown[] } };
  return Array.isArray(data) ? data : data.result;
}

describe("a real Prometheus", () => {
  let folder: string;
  let gate: RunningGate;
  let prometheus: Service;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mc-prometheus-"));
    gate = await startGate({ registries: [], policy: POLICY });
    const config = {
      global: { scrape_interval: "1s" },
      rule_files: [join(PROJECT, "alerts/mc-gate.yaml")],
      scrape_configs: [{ job_name: "gate", static_configs: [{ targets: [new URL(gate.probeUrl).host] }] }],
    };
    const file = join(folder, "prometheus.json");
    await writeFile(file, JSON.stringify(config));
    prometheus = await startService({
      program: "prometheus",
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        "--web.listen-address=127.0.0.1:0",
        "--enable-feature=exemplar-storage",
      ],
      ready: /Server is ready/,
    });
    url = `http://${/address=(127\.0\.0\.1:[1-9]\d*)/.exec(prometheus.output())?.[1]}`;
  });
  afterAll(async () => {
    await prometheus?.stop();
    await gate?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("takes the alerts, each of which fires in its case and is silent in another", async () => {
    const options = { cwd: join(PROJECT, "alerts") };
    for (const name of ["mc-gate.yaml", "mc-rules.yaml"])
      expect(await run("promtool", ["check", "rules", name], options)).toMatchObject({ code: 0 });
    const cases = ["mc-gate_test.yaml", "mc-rules_test.yaml", "mc-rules-week_test.yaml"];
    expect(await run("promtool", ["test", "rules", ...cases], options)).toMatchObject({ code: 0 });
    await eventually("the rules", async () => {
      const answer = await fetch(`${url}/api/v1/rules`);
      return (await answer.text()).includes("McGateAbsent") || undefined;
    });
  });

  it("takes every query of the dashboard", async () => {
    const queries = GATE_BOARD.sections.flatMap(({ panels }) => panels).flatMap((panel) => panel.queries);
    for (const { expr } of queries) {
      const query = expr
        .replaceAll("$__rate_interval", "5m")
        .replaceAll(/\$(?:cluster|namespace|release)/g, ".*");
      const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
      expect([query, answer.status]).toEqual([query, 200]);
    }
  });

  it("scrapes the gate, and finds a decision's uid beside its time", async () => {
    const uid = "77777777-2222-3333-4444-555555555555";
    const review = aReview({ uid, object: aPod(`registry.example/app@sha256:${"a".repeat(64)}`) });
    expect((await gate.post("/validate/enforce", review)).body.response?.allowed).toBe(false);
    const total = 'mc_gate_admission_requests_total{decision="deny"}';
    await eventually("the counter", async () => (await ask(url, "query", { query: total }))[0]);
    const query = {
      query: "mc_gate_admission_duration_seconds_bucket",
      start: "0",
      end: String(Date.now() / 1000 + 60),
    };
    const [found] = await eventually("the exemplar", async () => {
      const exemplars = await ask(url, "query_exemplars", query);
      return exemplars.length > 0 ? exemplars : undefined;
    });
    expect(found).toMatchObject({
      seriesLabels: { decision: "deny", job: "gate" },
      exemplars: [{ labels: { uid } }],
    });
  });

  it("finds nothing wrong with the metrics' older text", async () => {
    const stdin = await (await fetch(`${gate.probeUrl}/metrics`)).text();
    const { stdout, stderr, code } = await run("promtool", ["check", "metrics"], { stdin });
    const ours = `${stdout}${stderr}`.split("\n").filter((line) => line.startsWith("mc_gate"));
    expect([ours, code]).toEqual([[], 0]);
  });
});
