import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import {
  type CertificateSet,
  keepWebhookCertificate,
  type WebhookCertificate,
} from "../../src/kube/index.ts";
import type { FakeApiServer } from "../support/fake-api-server.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";
import { rawSecret } from "../support/pull-secret-objects.ts";

const SECRETS = "/api/v1/namespaces/gate/secrets";
const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const NAME = "mc-gate-certificate";
const WEBHOOKS = "mc-gate";

const fixture = useKubeFixture();

function setOf(id: string, previousCa?: string): CertificateSet {
  return {
    ca: { cert: `ca ${id}`, key: `ca key ${id}` },
    leaf: { cert: `leaf ${id}`, key: `leaf key ${id}` },
    ...(previousCa !== undefined && { previousCa }),
  };
}

function bundleOf({ ca, previousCa }: CertificateSet): string {
  return [ca.cert, previousCa].filter((each) => each !== undefined).join("\n");
}

function configure(server: FakeApiServer, ...hooks: readonly string[]): void {
  const webhooks = hooks.map((name) => ({ name, clientConfig: { service: { name: "gate" } } }));
  server.store.put(CONFIGURATIONS, { metadata: { name: WEBHOOKS }, webhooks });
}

function bundles({ store }: FakeApiServer): string[] {
  const { webhooks } = store.get(CONFIGURATIONS, WEBHOOKS) as unknown as {
    webhooks: { clientConfig: { caBundle?: string } }[];
  };
  return webhooks.map(({ clientConfig }) => text(clientConfig.caBundle ?? ""));
}

function stored({ store }: FakeApiServer): Record<string, string> {
  const data = (store.get(SECRETS, NAME)?.["data"] ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, text(value)]));
}

function text(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

/** Issues a set of its own where there is none; else what `wanted` says. */
function start(
  id: string,
  pairs: string[],
  overrides: Partial<Parameters<typeof keepWebhookCertificate>[0]> = {},
): WebhookCertificate {
  const { client, onTrouble, stopLater } = fixture();
  const running = keepWebhookCertificate({
    client,
    secret: { namespace: "gate", name: NAME },
    webhookConfigurations: [WEBHOOKS],
    next(current) {
      const set = current ?? setOf(id);
      return { set, caBundle: bundleOf(set), changed: current === undefined };
    },
    onPair: ({ cert }) => void pairs.push(cert),
    onTrouble,
    timing: FAST_TIMING,
    ...overrides,
  });
  return stopLater(running);
}

const withoutPrevious: Parameters<typeof keepWebhookCertificate>[0]["next"] = (current) => {
  const set: CertificateSet = { ca: { cert: "c", key: "k" }, leaf: { cert: "l", key: "k" } };
  return { set, caBundle: "c", changed: current?.previousCa !== undefined };
};

describe("the webhook's certificate", () => {
  it("is issued, stored, trusted in every webhook, and only then served", async () => {
    const { server, troubles } = fixture();
    configure(server, "enforce", "advisory", "guard");
    const seen: string[][] = [];
    const { ready } = start("1", [], { onPair: () => void seen.push(bundles(server)) });
    await ready;
    expect(seen).toEqual([["ca 1", "ca 1", "ca 1"]]);
    expect(stored(server)).toEqual({
      "ca.crt": "ca 1",
      "ca.key": "ca key 1",
      "tls.crt": "leaf 1",
      "tls.key": "leaf key 1",
    });
    expect(troubles).toEqual([]);
  });

  it("fills an empty Secret and leaves its labels", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    server.store.put(SECRETS, { metadata: { name: NAME, namespace: "gate", labels: { by: "helm" } } });
    await start("1", []).ready;
    expect(stored(server)["tls.crt"]).toBe("leaf 1");
    expect(server.store.get(SECRETS, NAME)?.metadata["labels"]).toEqual({ by: "helm" });
    expect(server.requests.filter(({ verb }) => verb === "create")).toEqual([]);
  });

  it("is taken from the Secret where it is there, and nothing is written again", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    const pairs: string[] = [];
    await start("1", pairs).ready;
    const second: string[] = [];
    await start("2", second).ready;
    expect([pairs, second]).toEqual([["leaf 1"], ["leaf 1"]]);
    expect(server.requests.filter(({ verb }) => verb === "create" || verb === "patch")).toHaveLength(2);
  });

  it("is the same for replicas that start at once", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    server.onRequest = ({ verb }) => (verb === "create" ? { kind: "delay", ms: 50 } : undefined);
    const pairs: string[] = [];
    await Promise.all(["1", "2", "3", "4"].map((id) => start(id, pairs).ready));
    expect(new Set(pairs).size).toBe(1);
    expect(bundles(server)).toEqual([stored(server)["ca.crt"]]);
    expect(fixture().troubles).toEqual([]);
    expect(server.requests.filter(({ verb }) => verb === "create").length).toBeGreaterThan(1);
  });

  it("changes with its authority in this order: stored, trusted beside the old one, served", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    let isDue = false;
    const next = (
      current: CertificateSet | undefined,
    ): ReturnType<Parameters<typeof keepWebhookCertificate>[0]["next"]> => {
      const isOld = current?.leaf.cert === "leaf 1";
      const set = current === undefined ? setOf("1") : isDue && isOld ? setOf("2", "ca 1") : current;
      return { set, caBundle: bundleOf(set), changed: set !== current };
    };
    const seen: string[] = [];
    const onPair = ({ cert }: { cert: string }): void =>
      void seen.push(`${cert} with ${bundles(server).join()}`);
    await start("1", [], { next, onPair, everyMs: 100 }).ready;
    isDue = true;
    await soon(() => expect(seen).toEqual(["leaf 1 with ca 1", "leaf 2 with ca 2\nca 1"]));
    expect(stored(server)["previous-ca.crt"]).toBe("ca 1");
  });

  it("stays the old one as long as the new authority cannot be put in place", async () => {
    const { server, troubles } = fixture();
    configure(server, "enforce");
    let isDue = false;
    const next = (
      current: CertificateSet | undefined,
    ): ReturnType<Parameters<typeof keepWebhookCertificate>[0]["next"]> => {
      const set =
        current === undefined ? setOf("1") : isDue && current.leaf.cert === "leaf 1" ? setOf("2") : current;
      return { set, caBundle: bundleOf(set), changed: set !== current };
    };
    const pairs: string[] = [];
    await start("1", pairs, { next, everyMs: 60 }).ready;
    server.onRequest = ({ verb, group }) =>
      verb === "patch" && group !== "" ? { kind: "status", status: 500 } : undefined;
    isDue = true;
    await soon(() => expect(troubles.length).toBeGreaterThan(2));
    expect([pairs, stored(server)["tls.crt"]]).toEqual([["leaf 1"], "leaf 2"]);
    server.onRequest = () => undefined;
    await soon(() => expect(pairs).toEqual(["leaf 1", "leaf 2"]));
  });

  it("drops a previous authority out of the Secret", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    const texts = {
      "ca.crt": "c",
      "ca.key": "k",
      "tls.crt": "l",
      "tls.key": "k",
      "previous-ca.crt": "p",
      other: "o",
    };
    server.store.put(SECRETS, rawSecret("gate", NAME, texts));
    await start("1", [], { next: withoutPrevious }).ready;
    expect(stored(server)).toEqual({
      "ca.crt": "c",
      "ca.key": "k",
      "tls.crt": "l",
      "tls.key": "k",
      other: "o",
    });
  });

  it("puts the authority back within a second when somebody has taken it out", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    await start("1", []).ready;
    await sleep(100);
    configure(server, "enforce", "advisory");
    await soon(() => expect(bundles(server)).toEqual(["ca 1", "ca 1"]));
  });

  it("gets to the right webhook also when their order changes meanwhile", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    await start("1", []).ready;
    await sleep(100);
    configure(server, "new", "enforce");
    let patches = 0;
    server.onRequest = ({ verb }) => {
      if (verb === "patch" && ++patches === 1) configure(server, "newest", "new", "enforce");
      return undefined;
    };
    await soon(() => expect(bundles(server)).toEqual(["ca 1", "ca 1", "ca 1"]));
    expect(fixture().troubles.map(({ status }) => status)).toEqual([422]);
  });

  it("is issued anew when the Secret is deleted, and follows another replica's change", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    const pairs: string[] = [];
    await start("1", pairs).ready;
    await sleep(100);
    server.store.put(
      SECRETS,
      rawSecret("gate", NAME, { "ca.crt": "c", "ca.key": "k", "tls.crt": "theirs", "tls.key": "k" }),
    );
    await soon(() => expect(pairs).toEqual(["leaf 1", "theirs"]));
    server.store.remove(SECRETS, NAME);
    await soon(() => expect(pairs).toEqual(["leaf 1", "theirs", "leaf 1"]));
    expect(bundles(server)).toEqual(["ca 1"]);
  });

  it("is served also where the webhook configuration is gone", async () => {
    const { troubles } = fixture();
    const pairs: string[] = [];
    await start("1", pairs).ready;
    expect(pairs).toEqual(["leaf 1"]);
    expect(troubles[0]?.message).toBe("there is no webhook configuration mc-gate");
  });

  it("is said in one sentence to have nowhere to be trusted, where the webhook configuration cannot be read", async () => {
    const { server, troubles } = fixture();
    server.store.put("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
      metadata: { name: "mc-gate" },
      webhooks: [{ name: 7 }],
    });
    await start("1", []).ready;
    expect(troubles[0]?.message).toBe("the API server's answer is not a webhook configuration");
  });

  it("is waited for as long as the Secret cannot be read, and then served", async () => {
    const { server, troubles } = fixture();
    configure(server, "enforce");
    server.onRequest = ({ verb }) => (verb === "get" ? { kind: "status", status: 500 } : undefined);
    const pairs: string[] = [];
    const { ready } = start("1", pairs, { everyMs: 30 });
    await soon(() => expect(troubles.length).toBeGreaterThan(2));
    expect([pairs, stored(server)]).toEqual([[], {}]);
    server.onRequest = () => undefined;
    await ready;
    expect(pairs).toEqual(["leaf 1"]);
  });

  it("is offered again when the server could not take it", async () => {
    const { server, troubles } = fixture();
    configure(server, "enforce");
    let offers = 0;
    const onPair = (): void => {
      offers += 1;
      if (offers === 1) throw new Error("not a pair");
    };
    await start("1", [], { onPair, everyMs: 30 }).ready;
    expect([offers, troubles[0]?.message]).toEqual([
      2,
      "keeping the webhook's certificate: Error: not a pair",
    ]);
  });

  it("is not touched any more once it is stopped", async () => {
    const { server } = fixture();
    configure(server, "enforce");
    const { ready, stop } = start("1", [], { everyMs: 20 });
    await ready;
    stop();
    await sleep(50);
    const before = server.requests.length;
    await sleep(100);
    expect(server.requests.length).toBe(before);
  });
});
