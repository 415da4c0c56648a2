import { beforeEach, describe, expect, it } from "vitest";

import { endFailOpen, readFailOpen, setFailOpen } from "../../src/kube/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { webhooksIn } from "../support/webhook-rules.ts";

const COLLECTION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const NAME = "mc-gate";
const NOTE = {
  by: "ana",
  reason: "No replica starts.",
  ticket: "INC-7",
  until: new Date("2026-11-30T03:15:00Z"),
};
/** Those of the chart, and that of operations, which is off by default. */
const POLICIES = {
  ...Object.fromEntries(
    webhooksIn("manifests/mc-gate.yaml").map(({ name, failurePolicy }) => [name, failurePolicy]),
  ),
  "operations.mc-gate.dev": "Fail",
};
/** Not a guard's, and not that of modes. */
const OPENED = { ...POLICIES, "enforce.mc-gate.dev": "Ignore", "operations.mc-gate.dev": "Ignore" };

describe("webhooks that are told to admit what the gate does not answer", () => {
  const fixture = useKubeFixture();

  function put(annotations?: Record<string, string>): void {
    const webhooks = Object.entries(POLICIES).map(([name, failurePolicy]) => ({ name, failurePolicy }));
    fixture().server.store.put(COLLECTION, {
      metadata: { name: NAME, ...(annotations && { annotations }) },
      webhooks,
    });
  }

  function stored() {
    return fixture().server.store.get(COLLECTION, NAME) as unknown as {
      metadata: { annotations?: Record<string, string> };
      webhooks: readonly { name: string; failurePolicy: string }[];
    };
  }

  function policies(): Record<string, string> {
    return Object.fromEntries(stored().webhooks.map(({ name, failurePolicy }) => [name, failurePolicy]));
  }

  beforeEach(() => put());

  it("leave the guards that fail, and that of modes, as they are", () => {
    const left = Object.entries(OPENED).filter(([, policy]) => policy === "Fail");
    expect(left.map(([name]) => name)).toEqual([
      "policies.guard.mc-gate.dev",
      "waivers.guard.mc-gate.dev",
      "revocations.guard.mc-gate.dev",
      "enforcement.guard.mc-gate.dev",
      "settings.guard.mc-gate.dev",
      "mode.mc-gate.dev",
    ]);
  });

  it.each([
    ["without annotations", undefined],
    ["with others' annotations", { other: "x" }],
  ])(
    "%s: those that refuse workloads, not that of modes, and all of it is put back",
    async (_, annotations) => {
      put(annotations);
      const { client } = fixture();
      const how = { name: NAME, isDryRun: false };
      expect(await readFailOpen(client, NAME)).toBeUndefined();
      await setFailOpen(client, NOTE, how);
      expect([policies(), await readFailOpen(client, NAME)]).toEqual([OPENED, NOTE]);
      expect([await endFailOpen(client, how), policies()]).toEqual([true, POLICIES]);
      expect(stored().metadata.annotations ?? {}).toEqual(annotations ?? {});
      expect(await endFailOpen(client, how)).toBe(false);
    },
  );

  it("by a note that cannot be read: its end is over, so that the next who looks puts them back", async () => {
    put({ "mc-gate.dev/fail-open": "{}" });
    expect(await readFailOpen(fixture().client, NAME)).toMatchObject({ by: "unknown", until: new Date(0) });
  });

  it("are asked for by a dry run as one", async () => {
    const { client, server } = fixture();
    await setFailOpen(client, NOTE, { name: NAME, isDryRun: true });
    expect(server.requests.map(({ verb, query }) => [verb, query.get("dryRun")])).toEqual([
      ["get", null],
      ["patch", "All"],
    ]);
  });

  it("are a failure where there is no such configuration", async () => {
    await expect(readFailOpen(fixture().client, "other")).rejects.toMatchObject({ status: 404 });
  });
});
