import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { PROGRAM } from "../support/bundled.ts";
import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../support/fake-org/fake-org.ts";
import { newRepo } from "../support/fake-org/repo.ts";
import { addRun, HOUR, REUSABLE } from "../support/kpi-runs.ts";

const SECRET = "a secret of this test";

async function scraped(url: string): Promise<string[]> {
  return (await (await fetch(`${url}/metrics`)).text()).split("\n");
}

describe("mc exporter", () => {
  let folder: string;
  let org: FakeOrg;
  let running: ChildProcess[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-exporter-"));
    writeFileSync(join(folder, "secret"), `${SECRET}\n`);
    writeFileSync(join(folder, "token"), ORG_TOKEN);
    org = await startFakeOrg();
    org.repos.push(newRepo("acme/shop", { "README.md": "x" }));
    org.repo("acme/shop").pushed_at = new Date().toISOString();
    running = [];
  });
  afterEach(async () => {
    for (const child of running) child.kill("SIGKILL");
    await org.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const state = () => join(folder, "state.jsonl");

  function start(): { readonly child: ChildProcess; readonly output: () => string } {
    const args = ["--org", "acme", "--workflow", REUSABLE, "--state", state(), "--listen", "127.0.0.1:0"];
    const more = ["--webhook-secret-file", join(folder, "secret"), "--token-file", join(folder, "token")];
    const env = { ...process.env, GITHUB_API_URL: org.url };
    const child = spawn(process.execPath, [PROGRAM, "exporter", ...args, ...more], { env });
    running.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => (output += String(chunk)));
    return { child, output: () => output };
  }

  async function polled(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
    const { child, output } = start();
    await expect.poll(output).toContain("Polled 1 repositories");
    return { child, url: /Listening: (http:\S+)\/metrics/.exec(output())![1]! };
  }

  function webhook(url: string, run: object, secret = SECRET): Promise<Response> {
    const repository = { id: org.repo("acme/shop").id, full_name: "acme/shop", owner: { login: "acme" } };
    const body = JSON.stringify({ action: "completed", workflow_run: run, repository });
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const headers = { "x-github-event": "workflow_run", "x-hub-signature-256": signature };
    return fetch(`${url}/webhook`, { method: "POST", body, headers });
  }

  const FAILED = 'mc_kpi_evaluations_total{profile="prod",outcome="failed"}';

  it("counts what webhooks tell of, and the same after it was killed", async () => {
    const { child, url } = await polled();
    expect(await scraped(url)).toContain(`${FAILED} 0`);
    const shop = org.repo("acme/shop");
    addRun(shop, { ago: 0, sha: "1", outcome: "failed", now: Date.now() });
    expect((await webhook(url, shop.runs[0]!, "another secret, so")).status).toBe(401);
    expect((await webhook(url, shop.runs[0]!)).status).toBe(202);
    await expect.poll(() => scraped(url)).toContain(`${FAILED} 1`);
    expect(await scraped(url)).toContain('mc_kpi_webhooks_total{outcome="forged"} 1');
    child.kill("SIGKILL");
    await once(child, "exit");
    appendFileSync(state(), '{"kind":"answer","counts":tr'); // what a kill in the middle of a write leaves
    const again = await polled();
    const lines = await scraped(again.url);
    expect(lines).toContain(`${FAILED} 1`);
    expect(lines).toContain('mc_kpi_repositories{state="adopted"} 1');
    again.child.kill("SIGTERM");
    expect(await once(again.child, "exit")).toEqual([0, null]);
    expect(readFileSync(state(), "utf8")).not.toContain(':tr"');
  });

  it("has its state for itself, and does not begin anew beside a damaged one", async () => {
    addRun(org.repo("acme/shop"), { ago: HOUR, sha: "1", outcome: "passed", now: Date.now() });
    const { child } = await polled();
    const second = start();
    expect(await once(second.child, "exit")).toEqual([11, null]);
    expect(second.output()).toContain("is editing");
    child.kill("SIGTERM");
    await once(child, "exit");
    writeFileSync(state(), `broken\n${readFileSync(state(), "utf8")}`);
    const third = start();
    expect(await once(third.child, "exit")).toEqual([12, null]);
    expect(third.output()).toContain("cannot be continued: line 1 cannot be read");
  });
});
