import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { makeAuthority } from "../support/certificates.ts";
import { objectsIn, renderChart, webhooksAt } from "../support/chart.ts";
import { type Replica, startReplica } from "../support/gate.ts";
import { eventually, type Outcome, type Service, startService } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { apply, cluster } from "../support/scenario.ts";

const OWN = "mc-gate";
const TENANTS = "alerted";
const ALERTS = ["McGateWebhooksGone", "McGateWebhookIgnored", "McGateWebhookDistrusts", "McGateCallsFail"];

interface Rule {
  readonly alert?: string;
  readonly expr: string;
}

/** What each alert waits for, by its name, from the file that is shipped. */
function expressions(): ReadonlyMap<string, string> {
  const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(
    readFileSync(join(PROJECT, "alerts/mc-gate.yaml"), "utf8"),
  );
  const rules = groups.flatMap((group) => group.rules);
  return new Map(rules.flatMap(({ alert, expr }) => (alert === undefined ? [] : [[alert, expr] as const])));
}

/** Scrapes the gate, and the API server with the administrator's certificate. */
async function startPrometheus(folder: string, probeUrl: string): Promise<Service> {
  const config = JSON.parse(await cluster().kubectlOk(["config", "view", "--raw", "-o", "json"]));
  const [{ cluster: server }, { user }] = [config.clusters[0], config.users[0]];
  const files = {
    ca_file: server["certificate-authority-data"],
    cert_file: user["client-certificate-data"],
    key_file: user["client-key-data"],
  };
  const tls: Record<string, string> = {};
  for (const [name, data] of Object.entries(files)) {
    tls[name] = join(folder, name);
    await writeFile(tls[name], Buffer.from(data, "base64"));
  }
  const jobs = [
    { job_name: "gate", static_configs: [{ targets: [new URL(probeUrl).host] }] },
    {
      job_name: "apiserver",
      scheme: "https",
      tls_config: tls,
      static_configs: [{ targets: [new URL(server.server).host] }],
    },
  ];
  const file = join(folder, "prometheus.json");
  await writeFile(file, JSON.stringify({ global: { scrape_interval: "1s" }, scrape_configs: jobs }));
  return startService({
    program: "prometheus",
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      "--web.listen-address=127.0.0.1:0",
    ],
    ready: /Server is ready/,
  });
}

async function told(note: RegExp): Promise<void> {
  const path = "jsonpath={range .items[?(@.reason=='WebhooksChanged')]}{.message}{'\\n'}{end}";
  await eventually(`an Event like ${note.source}`, async () => {
    const notes = await cluster().kubectlOk(["-n", OWN, "get", "events", "-o", path]);
    return note.test(notes) || undefined;
  });
}

function relabel(): Promise<Outcome> {
  return cluster().kubectl(["label", "namespace", TENANTS, "mc-gate.dev/mode=enforce", "--dry-run=server"]);
}

describe("the gate's webhook configuration on a real API server, under a real Prometheus", () => {
  let folder: string;
  let gate: Replica;
  let prometheus: Service;
  let url: string;
  const rules = expressions();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mc-webhook-alerts-"));
    for (const name of [OWN, TENANTS])
      await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const data = { "policy.yaml": "rules: []\n" };
    await apply({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "mc-gate-policy", namespace: OWN },
      data,
    });
    const revoked = { "revocations.yaml": "revocations: []\n" };
    const metadata = { name: "mc-gate-revocations", namespace: OWN };
    await apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: revoked });
    gate = await startReplica({
      cluster: cluster(),
      registries: [],
      inCluster: { webhookConfiguration: OWN },
    });
    await configure(gate.authority);
    prometheus = await startPrometheus(folder, gate.probeUrl);
    url = `http://${/address=(127\.0\.0\.1:[1-9]\d*)/.exec(prometheus.output())?.[1]}`;
    await eventually("scrapes of both", async () => {
      const found = await ask("count(up == 1) == 2 and on() mc_gate_webhooks == 9");
      return found.length > 0 || undefined;
    });
  });
  afterAll(async () => {
    await cluster().kubectl(["delete", "validatingwebhookconfiguration", OWN, "--ignore-not-found"]);
    await prometheus?.stop();
    await gate?.stop();
    await cluster().kubectl(["delete", "namespace", OWN, TENANTS, "--wait=false"]);
    await rm(folder, { recursive: true, force: true });
  });

  async function configure(authority: string): Promise<void> {
    const certificate = { mode: "provided", secretName: "tls", caBundle: authority };
    await apply(webhooksAt(gate.url, objectsIn(await renderChart({ certificate }, OWN))));
  }

  async function ask(query: string): Promise<readonly unknown[]> {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
    return ((await answer.json()) as { data: { result: unknown[] } }).data.result;
  }

  /** The alerts of which Prometheus finds the case now, however long it has to last. */
  async function alerted(): Promise<readonly string[]> {
    const all = await Promise.all(
      ALERTS.map(async (name) => ((await ask(rules.get(name)!)).length > 0 ? [name] : [])),
    );
    return all.flat();
  }

  /** What is alerted once it is exactly this. */
  function settled(...expected: readonly string[]): Promise<readonly string[]> {
    return eventually(`exactly ${expected.join(" and ") || "no alert"}`, async () => {
      const now = await alerted();
      return now.join() === expected.join() ? now : undefined;
    });
  }

  it("calls for no alert as the chart has it", async () => {
    expect([...rules.keys()]).toEqual(expect.arrayContaining(ALERTS));
    expect(await settled()).toEqual([]);
    expect(await relabel()).toMatchObject({ code: 0 });
  });

  it("that is weakened: metric, alert and Event", async () => {
    const patch = JSON.stringify([{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }]);
    await cluster().kubectlOk(["patch", "validatingwebhookconfiguration", OWN, "--type=json", "-p", patch]);
    expect(await settled("McGateWebhookIgnored")).toHaveLength(1);
    await told(/is in force: enforce\.mc-gate\.dev Ignore/);
    await configure(gate.authority);
    await settled();
  });

  it("with another authority in caBundle: metric, alert and Event, and the API server's own", async () => {
    await configure((await makeAuthority()).certificate);
    expect(await settled("McGateWebhookDistrusts")).toHaveLength(1);
    await told(/cannot call the gate by enforce\.mc-gate\.dev, [^:]*: caBundle does not vouch/);
    await eventually("a call that fails", async () => {
      const { stderr } = await relabel();
      return stderr.includes("certificate signed by unknown authority") || undefined;
    });
    await eventually("the API server's count to rise", async () => {
      await relabel();
      return (await alerted()).includes("McGateCallsFail") || undefined;
    });
    await configure(gate.authority);
    await eventually("the gate's own alert to end", async () => {
      return !(await alerted()).includes("McGateWebhookDistrusts") || undefined;
    });
  });

  it("that is deleted: metric, alert and Event", async () => {
    await cluster().kubectlOk(["delete", "validatingwebhookconfiguration", OWN]);
    await eventually("the metric", async () => (await ask("mc_gate_webhooks == 0")).length > 0 || undefined);
    expect(await alerted()).toContain("McGateWebhooksGone");
    await told(/there is no webhook configuration mc-gate/);
  });
});
