import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createClientAuthority } from "../../support/client-certificates.ts";
import { postJson } from "../../support/post-json.ts";
import { aPod, aReview } from "../../support/review.ts";
import { makeServingCertificate } from "../support/certificates.ts";
import { objectsIn, renderChart } from "../support/chart.ts";
import type { Cluster } from "../support/cluster.ts";
import { type Egress, startEgress } from "../support/egress.ts";
import { serveFrom, type ServingGate } from "../support/gate-process.ts";
import { cluster as theCluster } from "../support/scenario.ts";

const IMAGE = `registry.example/acme/app@sha256:${"a".repeat(64)}`;
const POLICY = `rules: [{ name: pinned, images: ["registry.example/*/*"], require: { reference: { pinned: true } } }]\n`;
const NAMESPACE = "callers";
const APPLIED = ["Service", "ValidatingWebhookConfiguration"];

let cluster: Cluster;
let folder: string;
let ca: string;
let gate: ServingGate;
let egress: Egress;

/** The chart's own Service and webhooks; the gate behind them is a process of this machine. */
beforeAll(async () => {
  cluster = theCluster();
  folder = await mkdtemp(join(tmpdir(), "mc-callers-"));
  await mkdir(join(folder, "tls"));
  const { key, certificate, authority } = await makeServingCertificate(["mc-gate.mc-gate.svc", "127.0.0.1"]);
  ca = authority;
  await writeFile(join(folder, "tls/tls.crt"), certificate);
  await writeFile(join(folder, "tls/tls.key"), key);
  await writeFile(join(folder, "policy.yaml"), POLICY);
  const callers = { caFile: cluster.frontProxyCa, allowedNames: ["front-proxy-client"] };
  gate = await serveFrom(folder, {
    server: {
      address: "127.0.0.1",
      port: 0,
      probePort: 0,
      drain: "1s",
      certificate: { mode: "directory", directory: join(folder, "tls") },
      callers,
    },
    files: { policy: join(folder, "policy.yaml") },
    tuf: { enabled: false },
  });
  egress = await startEgress(cluster.egressSocket!, gate.port);
  for (const name of ["mc-gate", NAMESPACE]) await cluster.kubectl(["create", "namespace", name]);
  const values = { certificate: { mode: "provided", secretName: "tls", caBundle: authority } };
  for (const object of objectsIn(await renderChart(values)).filter(({ kind }) => APPLIED.includes(kind)))
    await cluster.kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
  await cluster.kubectlOk(["label", "namespace", NAMESPACE, "mc-gate.dev/mode=enforce"]);
});
afterAll(async () => {
  await cluster.kubectl(["delete", "validatingwebhookconfiguration", "mc-gate", "--ignore-not-found"]);
  await cluster.kubectl(["delete", "service", "mc-gate", "--namespace", "mc-gate", "--ignore-not-found"]);
  await cluster.kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]);
  await egress.stop();
  await gate.service.stop();
  await rm(folder, { recursive: true, force: true });
});

function pod(image: string): string {
  const metadata = { name: "web", namespace: NAMESPACE };
  const spec = { containers: [{ name: "main", image }] };
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec });
}

/** Creates a pod by the real API server, without keeping it. */
function create(image: string): Promise<{ readonly code: number; readonly stderr: string }> {
  return cluster.kubectl(["create", "--dry-run=server", "-f", "-"], { stdin: pod(image) });
}

async function metrics(pattern: RegExp): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${gate.probePort}/metrics`)).text();
  return text.split("\n").filter((line) => pattern.test(line));
}

function forged(certificate?: { readonly cert: string; readonly key: string }) {
  const agent = new Agent({ keepAlive: false, ca, ...certificate });
  const body = JSON.stringify(aReview({ uid: "forged", namespace: NAMESPACE, object: aPod(IMAGE) }));
  return postJson({ url: `https://127.0.0.1:${gate.port}/validate/enforce`, body, agent });
}

describe("a gate that answers the API server alone", () => {
  it("answers a real API server, whose decisions are marked as verified", async () => {
    expect(await create(IMAGE)).toMatchObject({ code: 0 });
    const refused = await create("registry.example/acme/app:1");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("[reference/unpinned")]);
    expect(egress.asked.length).toBeGreaterThan(0);
    expect(await metrics(/^mc_gate_admission_requests_total\{.* [1-9]/)).toEqual(
      ["allow", "deny"].map((decision) => expect.stringContaining(`decision="${decision}"`)),
    );
    expect(await metrics(/caller="unverified".* [1-9]/)).toEqual([]);
    expect(gate.service.output()).toContain('"caller":"verified"');
    expect(await metrics(/^mc_gate_callers_refused_total.* [1-9]/)).toEqual([]);
  });

  it("answers the guard's webhooks, too", async () => {
    const lowered = ["label", "namespace", NAMESPACE, "mc-gate.dev/mode=advisory", "--overwrite"];
    const { code, stderr } = await cluster.kubectl([...lowered, "--dry-run=server"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("namespacemodes.mc-gate.dev")]);
  });

  it.each<[string, () => Promise<{ readonly cert: string; readonly key: string } | undefined>, string]>([
    ["without a certificate", () => Promise.resolve(undefined), "no-certificate"],
    [
      "with a certificate of the right name by another authority",
      async () => (await createClientAuthority()).issue(),
      "untrusted-certificate",
    ],
  ])("refuses a forged caller %s, and decides nothing for it", async (_, certificate, reason) => {
    const before = await metrics(/^mc_gate_admission_requests_total\{/);
    const { status, text } = await forged(await certificate());
    expect([status, text]).toEqual([401, expect.stringContaining(`[${reason}]`)]);
    expect(await metrics(/^mc_gate_admission_requests_total\{/)).toEqual(before);
    expect(gate.service.output()).not.toContain('"uid":"forged"');
    expect(await metrics(new RegExp(`^mc_gate_callers_refused_total.*${reason}.* 1$`))).toHaveLength(1);
  });
});
