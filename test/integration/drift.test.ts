import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { composeGate, type ComposedGate } from "../../src/composition/index.ts";
import { createAccessReview } from "../../src/kube/index.ts";
import { createMetrics, type Metrics } from "../../src/metrics/index.ts";
import { requestGate } from "../../src/outbound/index.ts";
import { RegistrySettings } from "../../src/registry/index.ts";
import { type Listening, listen } from "../../src/serve/listen.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { GateState } from "../../src/serve/state/gate-state.ts";
import { serveState } from "../../src/serve/state/serve-state.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";

const POLICY = "apiVersion: mc-gate.dev/v1\nrules: []\n";
const SETTINGS = `apiVersion: mc-gate.dev/v1
server: { certificate: { mode: directory, directory: /tls } }
cluster: { namespace: gate }
state: {}
`;
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/gate/endpointslices";
const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const TOKEN = "the-drift-token";
const USER = { username: "system:serviceaccount:gate:drift" };

const fixture = useKubeFixture();
let composed: ComposedGate;
let servers: Listening;
let metrics: Metrics;
let folder: McFolder;
let ca: string;

beforeEach(async () => {
  const { server, client } = fixture();
  server.identifies = ({ token, audiences }) =>
    token === TOKEN
      ? { authenticated: true, audiences: audiences.filter((each) => each === "mc-gate"), user: USER }
      : { authenticated: false };
  server.grants = (spec) => {
    const { user, resourceAttributes: asked } = spec as {
      readonly user: string;
      readonly resourceAttributes: Readonly<Record<string, string>>;
    };
    return user === USER.username && asked["resource"] === "states" && asked["namespace"] === "gate";
  };
  composed = composeGate({
    registries: RegistrySettings.parse({}),
    publicGood: () => {
      throw new Error("no trust root here");
    },
    now: () => new Date("2026-11-24T09:00:00Z"),
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
  });
  if (composed.policy.offer(POLICY).length > 0) throw new Error("the policy is not one");
  composed.waivers.offer("waivers: []");
  composed.revocations.offer("revocations: []");
  metrics = createMetrics();
  const { ca: authority, ...pair } = await createTestCertificate("127.0.0.1", ["mc-gate.gate.svc"]);
  ca = authority;
  const may = createAccessReview(client);
  servers = await listen({
    admission: { ...NOTHING_BESIDES, gate: composed.gate },
    certificate: { current: () => pair, onChange: () => undefined, close: () => undefined },
    state: await serveState({
      settings: Settings.parse(parse(SETTINGS)),
      settingsText: SETTINGS,
      composed,
      metrics,
      cluster: {
        client,
        mayState: (who, verb) => may(who, { verb, resource: "states", namespace: "gate", name: "" }),
      },
    }),
    metrics,
    missing: () => [],
    address: "127.0.0.1",
    port: 0,
    probePort: 0,
  });
  putReplicas(servers.port);
  const caBundle = Buffer.from(ca).toString("base64");
  server.store.put(CONFIGURATIONS, {
    metadata: { name: "mc-gate" },
    webhooks: [{ name: "enforce.mc-gate.dev", clientConfig: { caBundle } }],
  });
  folder = mcFolder();
  folder.write("token", `${TOKEN}\n`);
});
afterEach(async () => {
  folder.remove();
  await servers.close();
  await composed.close();
});

function putReplicas(port: number, terminating = false): void {
  const labels = { "kubernetes.io/service-name": "mc-gate" };
  const endpoint = {
    addresses: ["127.0.0.1"],
    conditions: { ready: true, terminating },
    targetRef: { name: "one" },
  };
  fixture().server.store.put(SLICES, {
    metadata: { name: "mc-gate-x", namespace: "gate", labels },
    ports: [{ name: "webhook", port }],
    endpoints: [endpoint],
  });
}

function drift(...args: readonly string[]): Promise<Outcome> {
  const { kubeconfig } = fixture().server;
  return folder.mc([
    "drift",
    "-f",
    "policy.yaml",
    "--kubeconfig",
    kubeconfig,
    "--token-file",
    "token",
    ...args,
  ]);
}

describe("mc drift", () => {
  it("exits 0 where the replica decides by the file's text", async () => {
    folder.write("policy.yaml", POLICY);
    const { code, stderr } = await drift();
    expect([code, stderr]).toEqual([0, expect.stringMatching(/No difference in 1 replica\(s\)\.\n$/)]);
  });

  it("exits 10 and names the line where the replica decides by another text", async () => {
    folder.write("policy.yaml", `${POLICY}unmatchedUnsafe: allow\n`);
    const { code, stdout } = await drift();
    expect([code, stdout]).toEqual([
      10,
      'policy.yaml:3:18: unmatchedUnsafe: the file has "allow", in force is nothing [policy]\n',
    ]);
  });

  it("leaves the counts with the replica, whose metrics had none before", async () => {
    folder.write("policy.yaml", "apiVersion: mc-gate.dev/v1\n");
    expect((await metrics.render()).text).not.toContain("\nmc_gate_drift");
    expect(await drift("--report")).toMatchObject({
      code: 10,
      stdout: expect.not.stringContaining("unknown"),
    });
    const { text } = await metrics.render();
    expect(text).toContain('\nmc_gate_drift_differences{part="policy"} 1\n');
    expect(text).toContain("\nmc_gate_drift_unknown 0\n");
    expect(text).toMatch(/\nmc_gate_drift_timestamp_seconds \d/);
    expect(text).not.toContain('part="waivers"');
  });

  it("prints JSON with a version", async () => {
    folder.write("policy.yaml", POLICY);
    expect(JSON.parse((await drift("-o", "json")).stdout)).toMatchObject({
      version: 1,
      replicas: [{ name: "one" }],
      differences: [],
      counts: { differences: { policy: 0 } },
    });
  });

  it.each<[string, () => void, RegExp]>([
    ["its token is not one for the gate", () => folder.write("token", "other"), /replica one: HTTP 401/],
    [
      "it has no right",
      () => void (fixture().server.grants = () => false),
      /HTTP 403: .* may not get states\.mc-gate\.dev/,
    ],
    [
      "nobody can say who it is",
      () => void (fixture().server.identifies = () => ({ authenticated: "?" })),
      /HTTP 503/,
    ],
    ["no replica is left", () => putReplicas(1, true), /the Service has no replica/],
    ["the replica is not there", () => putReplicas(1), /replica one: .*ECONNREFUSED/],
  ])("exits 11 where %s", async (_, arrange, sentence) => {
    folder.write("policy.yaml", POLICY);
    arrange();
    const { code, stdout } = await drift();
    expect([code, stdout]).toEqual([11, expect.stringMatching(sentence)]);
  });

  it("exits 11 where the replica shows a certificate of another authority", async () => {
    folder.write("policy.yaml", POLICY);
    const other = Buffer.from((await createTestCertificate()).ca).toString("base64");
    fixture().server.store.put(CONFIGURATIONS, {
      metadata: { name: "mc-gate" },
      webhooks: [{ name: "enforce.mc-gate.dev", clientConfig: { caBundle: other } }],
    });
    const { code, stdout } = await drift();
    expect([code, stdout]).toEqual([11, expect.stringMatching(/replica one: .*(?:certificate|signature)/)]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no file", ["drift", "--token-file", "token"], /required option '-f, --file <path>'/],
    [
      "a folder without manifests",
      ["drift", "-f", "empty", "--token-file", "token"],
      /cannot read empty|no \.yaml/,
    ],
    [
      "a token file that is not there",
      ["drift", "-f", "policy.yaml", "--token-file", "nothere"],
      /cannot read nothere/,
    ],
    [
      "no cluster",
      ["drift", "-f", "policy.yaml", "--token-file", "token"],
      /name a kubeconfig with --kubeconfig/,
    ],
  ])("exits 12 with %s", async (_, args, sentence) => {
    folder.write("policy.yaml", POLICY);
    const { code, stderr } = await folder.mc(args);
    expect([code, stderr]).toEqual([12, expect.stringMatching(sentence)]);
  });
});

function ask(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  return requestGate({
    url: new URL(`https://127.0.0.1:${servers.port}${path}`),
    method: (init.method ?? "GET") as "GET",
    token: TOKEN,
    ca,
    signal: AbortSignal.timeout(5000),
    ...(init.body !== undefined && {
      body: Buffer.from(init.body as string),
      contentType: "application/json",
    }),
  });
}

describe("the state of a replica", () => {
  it("has the digest and the generation of each document in force, and counts texts that differ", async () => {
    const before = GateState.parse(JSON.parse((await ask("/v1/state")).text));
    composed.policy.offer(POLICY);
    composed.policy.offer(`${POLICY}# another\n`);
    composed.policy.offer("rules: [");
    const after = GateState.parse(JSON.parse((await ask("/v1/state")).text));
    expect([before.documents.policy.generation, after.documents.policy.generation]).toEqual([1, 2]);
    expect(after.documents.policy.digest).not.toBe(before.documents.policy.digest);
    expect(after.documents.policy.problems).toBeGreaterThan(0);
    expect(after.documents.policy).toMatchObject({ configMap: "mc-gate-policy", key: "policy.yaml" });
  });

  it("has the texts in force, and no others", async () => {
    expect(await ask("/v1/state/settings")).toMatchObject({ status: 200, text: SETTINGS });
    expect((await ask("/v1/state/constructor")).status).toBe(404);
  });

  it("takes no report that is none", async () => {
    const body = JSON.stringify({ version: 1, differences: { other: 1 }, unknown: 0 });
    expect((await ask("/v1/state/drift", { method: "PUT", body })).status).toBe(400);
    expect((await metrics.render()).text).not.toContain("\nmc_gate_drift");
  });
});
