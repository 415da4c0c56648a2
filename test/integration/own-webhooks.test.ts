import { describe, expect, it, onTestFinished } from "vitest";

import type { KubeEvent } from "../../src/kube/index.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { type OwnWebhooks, watchOwnWebhooks } from "../../src/serve/watch-own-webhooks.ts";
import { nextCertificates } from "../../src/server/index.ts";
import { soon, useKubeFixture } from "../support/kube-fixture.ts";

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const SELF_MANAGED = { mode: "selfManaged", secret: "s", service: "gate", webhookConfiguration: "mc-gate" };
const DIRECTORY = { mode: "directory", directory: "/tls" };
const fixture = useKubeFixture();
const [ours, theirs] = await Promise.all([issued(), issued()]);

async function issued(): Promise<{
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}> {
  const { set, caBundle } = await nextCertificates(undefined, {
    names: ["gate.example.svc"],
    now: new Date(),
  });
  return { ...set.leaf, authority: caBundle };
}

interface Watched extends OwnWebhooks {
  readonly events: KubeEvent[];
  /** Level and text of each line. */
  readonly lines: string[];
}

async function watch(certificate: object, cluster: object = {}): Promise<Watched> {
  const settings = Settings.parse({ server: { certificate }, cluster: { namespace: "gate", ...cluster } });
  const events: KubeEvent[] = [];
  const lines: string[] = [];
  const write = (level: string) => (_: object, text: string) => void lines.push(`${level} ${text}`);
  const own = await watchOwnWebhooks({
    settings,
    cluster: { client: fixture().client, tellEvent: (event) => void events.push(event) },
    log: { info: write("info"), warn: write("warn") } as never,
    certificate: { current: () => ours },
  });
  onTestFinished(own.stop);
  return { ...own, events, lines };
}

function configure(failurePolicy: string, authority = ours.authority): void {
  const clientConfig = { caBundle: Buffer.from(authority).toString("base64") };
  const webhooks = [{ name: "enforce.mc-gate.dev", failurePolicy, clientConfig }];
  fixture().server.store.put(CONFIGURATIONS, { metadata: { name: "mc-gate" }, webhooks });
}

describe("the gate's own webhooks", () => {
  it.each([
    ["a self-managed certificate", SELF_MANAGED, {}],
    ["a name in the settings", DIRECTORY, { webhookConfiguration: "mc-gate" }],
  ])(
    "by %s: what is changed is told by an Event, what was there before is not",
    async (_, certificate, cluster) => {
      configure("Fail");
      const { current, events, lines } = await watch(certificate, cluster);
      await soon(() => expect(current()).toMatchObject([{ failurePolicy: "Fail" }]));
      expect(lines).toEqual(["info webhook configuration mc-gate is in force: enforce.mc-gate.dev Fail"]);
      expect(events).toEqual([]);
      configure("Ignore");
      await soon(() => expect(events).toHaveLength(1));
      expect(events[0]).toMatchObject({
        reason: "WebhooksChanged",
        regarding: { name: "mc-gate" },
        note: "webhook configuration mc-gate is in force: enforce.mc-gate.dev Ignore",
      });
      fixture().server.store.remove(CONFIGURATIONS, "mc-gate");
      await soon(() => expect(current()).toEqual([]));
      expect(lines.at(-1)).toMatch(/^warn there is no webhook configuration mc-gate/);
    },
  );

  it.each([
    ["ours", ours.authority, "ok"],
    ["another's beside ours", theirs.authority + ours.authority, "ok"],
    ["another's", theirs.authority, "wrong"],
    ["none that can be read", "ca", "wrong"],
    ["none", "", "absent"],
  ])("whose caBundle is %s: %s", async (_, authority, expected) => {
    configure("Fail", authority);
    const { current, events, lines } = await watch(SELF_MANAGED);
    await soon(() => expect(current()).toMatchObject([{ caBundle: expected }]));
    const isTold = expected === "wrong";
    await soon(() => expect(events).toHaveLength(isTold ? 1 : 0));
    expect(lines[0]?.includes("cannot call the gate by enforce.mc-gate.dev: caBundle")).toBe(isTold);
  });

  it("not there from the start: told", async () => {
    const { current, events } = await watch(SELF_MANAGED);
    await soon(() => expect(current()).toEqual([]));
    expect(events).toHaveLength(1);
  });

  it("of which nobody knows the name are not watched", async () => {
    const { current } = await watch(DIRECTORY);
    expect(current()).toBeUndefined();
    expect(fixture().server.requests).toEqual([]);
  });
});
