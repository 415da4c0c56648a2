import { connect } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";

import { UsageError } from "../../src/core/index.ts";
import { readEndpoints } from "../../src/kube/index.ts";
import { createMetrics } from "../../src/metrics/index.ts";
import { serveFallback } from "../../src/serve/fallback.ts";
import { listen } from "../../src/serve/listen.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import { soon, useKubeFixture } from "../support/kube-fixture.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { postReview } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";

const SLICES = "/apis/discovery.k8s.io/v1/namespaces/gate/endpointslices";
const POD = { MC_GATE_POD_NAME: "mc-gate-0", MC_GATE_POD_UID: "u-1", MC_GATE_POD_IPS: "10.0.0.1" };
const SETTINGS = Settings.parse({
  server: {
    certificate: { mode: "directory", directory: "/tls" },
    fallback: { port: 8444, service: "mc-gate" },
  },
  cluster: { namespace: "gate" },
});
const fixture = useKubeFixture();

interface Served {
  readonly withdraw: () => Promise<void>;
  readonly drain: () => void;
  readonly lines: string[];
  /** Parts that the gate waits for. */
  readonly missing: string[];
}

async function serve(env: Record<string, string> = POD, ...missing: string[]): Promise<Served> {
  const lines: string[] = [];
  const write = (level: string) => (_: object, text: string) => void lines.push(`${level} ${text}`);
  const log = { info: write("info"), warn: write("warn") } as never;
  const { client } = fixture();
  const options = { settings: SETTINGS, cluster: { client }, port: 8444, log };
  const draining = new AbortController();
  const { signal } = draining;
  const withdraw = await serveFallback({ ...options, env, draining: signal, missing: () => missing });
  onTestFinished(withdraw);
  return { withdraw, drain: () => draining.abort(), lines, missing };
}

function addresses(): unknown[] {
  return fixture()
    .server.store.list(SLICES)
    .flatMap(({ endpoints }) => endpoints as { addresses: string[] }[])
    .flatMap((each) => each.addresses);
}

describe("the fallback endpoint", () => {
  it("belongs to pod and Service, and says that it serves and terminates, so that it comes after each that is ready", async () => {
    await serve();
    await soon(() => expect(addresses()).toEqual(["10.0.0.1"]));
    const pod = { kind: "Pod", name: "mc-gate-0", uid: "u-1" };
    expect(fixture().server.store.list(SLICES)).toMatchObject([
      {
        metadata: {
          name: "mc-gate-0-fallback-ipv4",
          labels: {
            "kubernetes.io/service-name": "mc-gate",
            "endpointslice.kubernetes.io/managed-by": "mc-gate.dev",
          },
          ownerReferences: [{ apiVersion: "v1", ...pod }],
        },
        addressType: "IPv4",
        ports: [{ name: "webhook", port: 8444, protocol: "TCP" }],
        endpoints: [
          {
            conditions: { ready: false, serving: true, terminating: true },
            targetRef: expect.objectContaining(pod),
          },
        ],
      },
    ]);
  });

  it("has a slice for each address family", async () => {
    await serve({ ...POD, MC_GATE_POD_IPS: "10.0.0.1,fd00::1" });
    await soon(() => expect(addresses()).toEqual(["10.0.0.1", "fd00::1"]));
    const types = fixture()
      .server.store.list(SLICES)
      .map(({ addressType }) => addressType);
    expect(types).toEqual(["IPv4", "IPv6"]);
  });

  it("is not published before the gate can decide", async () => {
    const { missing, lines } = await serve(POD, "policy");
    await soon(() => expect(missing).toEqual(["policy"]));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(addresses()).toEqual([]);
    missing.pop();
    await soon(() => expect(lines).toEqual(["info fallback endpoint published"]));
    expect(addresses()).toEqual(["10.0.0.1"]);
  });

  it("is gone once it is withdrawn, also while it was being published", async () => {
    fixture().server.onRequest = ({ verb }) => (verb === "create" ? { kind: "delay", ms: 100 } : undefined);
    const { withdraw } = await serve();
    await soon(() => expect(fixture().server.requests.map(({ verb }) => verb)).toContain("create"));
    await withdraw();
    expect([addresses(), fixture().server.store.list(SLICES).length]).toEqual([[], 1]);
  });

  it("is withdrawn as soon as clients are to leave", async () => {
    const { drain } = await serve();
    await soon(() => expect(addresses()).toEqual(["10.0.0.1"]));
    drain();
    await soon(() => expect(addresses()).toEqual([]));
  });

  it("that may not be written is told, and its withdrawal never fails", async () => {
    fixture().server.onRequest = () => ({ kind: "status", status: 403 });
    const { lines, withdraw } = await serve();
    await soon(() => expect(lines).toEqual(["warn publishing the fallback endpoint failed; retrying"]));
    await withdraw();
    expect(lines.at(-1)).toBe("warn the fallback endpoint could not be withdrawn; it ends with the pod");
  });

  it.each([
    ["no name", { MC_GATE_POD_NAME: "" }, "MC_GATE_POD_NAME is not set"],
    ["no uid", { MC_GATE_POD_UID: "" }, "MC_GATE_POD_UID is not set"],
    ["no address", { MC_GATE_POD_IPS: "" }, "MC_GATE_POD_IPS is not set"],
    ["a name as its address", { MC_GATE_POD_IPS: "gate" }, "one or two IP addresses"],
  ])("of a pod with %s keeps the gate from starting", async (_, env, sentence) => {
    const error: unknown = await serve({ ...POD, ...env }).catch((each: unknown) => each);
    expect([error, String(error)]).toEqual([expect.any(UsageError), expect.stringContaining(sentence)]);
  });

  it("is no other replica to those who ask each of them", async () => {
    const { client, server } = fixture();
    const labels = { "kubernetes.io/service-name": "mc-gate" };
    const targetRef = { kind: "Pod", name: "mc-gate-0" };
    server.store.put(SLICES, {
      metadata: { name: "mc-gate-x", namespace: "gate", labels },
      ports: [{ name: "webhook", port: 8443 }],
      endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: false }, targetRef }],
    });
    await serve();
    await soon(() => expect(server.store.list(SLICES)).toHaveLength(2));
    const found = await readEndpoints(client, { namespace: "gate", service: "mc-gate", port: "webhook" });
    expect(found).toEqual([
      { name: "mc-gate-0", address: "10.0.0.1", port: 8443, isReady: false, isTerminating: false },
    ]);
  });
});

const ADMITTED = { decision: "allow", mode: "enforce", objections: [], waived: [], judged: [] } as const;

describe("the port of the fallback endpoint", () => {
  it("answers reviews as the other port does, and both end in order", async () => {
    const { ca, ...pair } = await createTestCertificate();
    const certificate = { current: () => pair, onChange: () => undefined, close: () => undefined };
    const servers = await listen({
      admission: { ...NOTHING_BESIDES, gate: { admit: () => Promise.resolve(ADMITTED) } },
      certificate,
      metrics: createMetrics(),
      missing: () => [],
      address: "127.0.0.1",
      port: 0,
      probePort: 0,
      fallback: { port: 0 },
    });
    const { port, fallbackPort } = servers;
    expect(fallbackPort).not.toBe(port);
    const review = aReview({ object: aPod() });
    for (const each of [port, fallbackPort])
      expect(
        await postReview(`https://127.0.0.1:${each}/validate/enforce?timeout=30s`, ca, review),
      ).toMatchObject({
        body: { response: { allowed: true } },
      });
    await servers.close();
    const refused = await new Promise((resolve) =>
      connect(fallbackPort!, "127.0.0.1").on("error", resolve).on("connect", resolve),
    );
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });
  });
});
