import { describe, expect, it } from "vitest";

import { watchWebhooks, type WebhookState } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const fixture = useKubeFixture();

type Seen = readonly WebhookState[] | undefined;

function follow(): Seen[] {
  const { client, onTrouble, stopLater } = fixture();
  const seen: Seen[] = [];
  const onChange = (webhooks: Seen): void => void seen.push(webhooks);
  stopLater(watchWebhooks({ client, name: "mc-gate", onChange, onTrouble, timing: FAST_TIMING }));
  return seen;
}

function configure(webhook: object, name = "mc-gate"): void {
  const webhooks = [{ name: "enforce.mc-gate.dev", clientConfig: { caBundle: "Y2E=" }, ...webhook }];
  fixture().server.store.put(CONFIGURATIONS, { metadata: { name }, webhooks });
}

describe("the webhook configuration", () => {
  it("is not there: said once, and when it comes", async () => {
    configure({}, "another");
    const seen = follow();
    await soon(() => expect(seen).toEqual([undefined]));
    configure({});
    await soon(() => expect(seen.at(-1)).toMatchObject([{ failurePolicy: "Fail", caBundle: "ca" }]));
    expect(seen).toHaveLength(2);
  });

  it("is deleted: said", async () => {
    configure({});
    const seen = follow();
    await soon(() => expect(seen).toHaveLength(1));
    fixture().server.store.remove(CONFIGURATIONS, "mc-gate");
    await soon(() => expect(seen).toEqual([expect.anything(), undefined]));
  });

  it.each([
    ["failurePolicy", { failurePolicy: "Ignore" }, { failurePolicy: "Ignore" }],
    ["caBundle", { clientConfig: {} }, { caBundle: undefined }],
  ])("loses its %s: said", async (_, change, expected) => {
    configure({});
    const seen = follow();
    await soon(() => expect(seen).toHaveLength(1));
    configure(change);
    await soon(() => expect(seen.at(-1)).toMatchObject([expected]));
  });

  it.each([
    ["rules", { rules: [] }],
    ["namespaceSelector", { namespaceSelector: { matchLabels: { a: "b" } } }],
    ["objectSelector", { objectSelector: { matchLabels: { a: "b" } } }],
    ["matchConditions", { matchConditions: [{ name: "never", expression: "false" }] }],
    ["matchPolicy", { matchPolicy: "Exact" }],
    ["timeout", { timeoutSeconds: 1 }],
    ["server", { clientConfig: { caBundle: "Y2E=", url: "https://yes.example" } }],
    [
      "service",
      { clientConfig: { caBundle: "Y2E=", service: { namespace: "x", name: "y", path: "/validate/off" } } },
    ],
  ])("has another %s: its scope differs", async (_, change) => {
    configure({});
    const seen = follow();
    await soon(() => expect(seen).toHaveLength(1));
    configure(change);
    await soon(() => expect(seen).toHaveLength(2));
    expect(seen[1]?.[0]?.scope).not.toBe(seen[0]?.[0]?.scope);
  });

  it("has a renewed caBundle: its scope is the same", async () => {
    configure({});
    const seen = follow();
    await soon(() => expect(seen).toHaveLength(1));
    configure({ clientConfig: { caBundle: "bmV3" } });
    await soon(() => expect(seen).toHaveLength(2));
    expect(seen[1]?.[0]?.scope).toBe(seen[0]?.[0]?.scope);
  });
});
