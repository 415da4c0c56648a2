import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import type { Cluster } from "../support/cluster.ts";
import {
  attestImage,
  generateKeyPair,
  type KeyPair,
  signImage,
  type Signer,
  slsaProvenance,
} from "../support/cosign.ts";
import { type GateProcess, startGate } from "../support/gate.ts";
import { pushText } from "../support/images.ts";
import { policyText } from "../support/policies.ts";
import { eventually } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { apply, cluster } from "../support/scenario.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";
import { objectsOf, WORKLOAD_KINDS } from "../support/workloads.ts";

const IDENTITY = { repository: "acme/app" };

function pod(name: string, image: string, namespace = "shop"): Record<string, unknown> {
  const spec = { containers: [{ name: "web", image }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
}

/** What the gate answers about an object as soon as kubectl exits with `code`: an edit counts within 1.5 s. */
function answered(what: string, object: object, code: number): ReturnType<typeof apply> {
  return eventually(
    what,
    async () => {
      const outcome = await apply(object, "--dry-run=server");
      return outcome.code === code ? outcome : undefined;
    },
    1_500,
  );
}

function debug(image: string): ReturnType<Cluster["kubectl"]> {
  const flags = ["--profile=general", "-q", "--attach=false"];
  return cluster().kubectl(["-n", "shop", "debug", "good", "--image", image, ...flags]);
}

describe("the gate on a real API server", () => {
  let sigstore: SigstoreServer;
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: GateProcess;
  let signed: string;
  let unsigned: string;
  let policy: string;

  beforeAll(async () => {
    [sigstore, keys, registry] = await Promise.all([
      startSigstore(),
      generateKeyPair(),
      startRegistry({ referrers: true }),
    ]);
    const release: Signer = { kind: "keyless", sigstore, identity: IDENTITY };
    signed = await pushText(registry.host, "signed");
    unsigned = await pushText(registry.host, "unsigned");
    await signImage(signed, release, "bundle");
    await attestImage(signed, release, "bundle", slsaProvenance(IDENTITY));
    policy = policyText({ sigstore, keys, identity: IDENTITY, images: [`${registry.host}/acme/*`] });
    const { kubectlOk } = cluster();
    for (const [name, mode] of [
      ["shop", "enforce"],
      ["sandbox", "advisory"],
      ["later", "off"],
    ] as const) {
      await kubectlOk(["create", "namespace", name]);
      await kubectlOk(["label", "namespace", name, `mc-gate.dev/mode=${mode}`]);
      await eventually("the service account", async () => {
        const { code } = await cluster().kubectl(["-n", name, "get", "serviceaccount", "default"]);
        return code === 0 ? true : undefined;
      });
    }
    gate = await startGate({ cluster: cluster(), registries: [registry.host], policy });
    await eventually("the webhook", async () => {
      const { code } = await apply(pod("probe", unsigned), "--dry-run=server");
      return code === 1 ? true : undefined;
    });
  });
  afterAll(async () => {
    await gate?.stop();
    await Promise.all([sigstore?.stop(), keys?.stop(), registry?.stop()]);
  });

  it("refuses an unsigned pod with image, lack and advice, and starts a signed one", async () => {
    const refused = await apply(pod("bad", unsigned));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('admission webhook "enforce.mc-gate.dev" denied the request');
    expect(refused.stderr).toContain(
      `${toldImage(unsigned)} (container "web") is refused by rule acme:\n  - it has no signature`,
    );
    expect(refused.stderr).toContain("signature/missing");
    const started = await apply(pod("good", signed));
    expect([started.code, started.stderr]).toEqual([0, ""]);
  });

  it.for(WORKLOAD_KINDS)("refuses and admits a %s", async (kind) => {
    const bad = await apply(objectsOf(kind, { name: "bad", namespace: "shop", image: unsigned }));
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining("signature/missing")]);
    const good = await apply(objectsOf(kind, { name: "good", namespace: "shop", image: signed }));
    expect([good.code, good.stderr]).toEqual([0, ""]);
  });

  it.for(["initContainers", "volumes"])("refuses an unsigned image among a pod's %s", async (place) => {
    const object = pod("mixed", signed);
    const entry =
      place === "volumes"
        ? { name: "models", image: { reference: unsigned, pullPolicy: "IfNotPresent" } }
        : { name: "migrate", image: unsigned };
    const refused = await apply({ ...object, spec: { ...(object["spec"] as object), [place]: [entry] } });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("signature/missing")]);
  });

  it("lets the placeholder of an injector pass in a template with a warning, and in no pod", async () => {
    const gateway = objectsOf("Deployment", { name: "gateway", namespace: "shop", image: "auto" });
    const started = await apply(gateway);
    expect([started.code, started.stderr]).toEqual([
      0,
      expect.stringContaining(`Deployment's container "web" names the placeholder "auto"`),
    ]);
    const again = await apply(gateway, "--overwrite");
    expect([again.code, again.stderr]).toEqual([0, ""]);
    const refused = await apply(pod("gateway", "auto"));
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('No injector replaced the placeholder "auto"'),
    ]);
  });

  it.each([
    ["items under a kind that is no list", { apiVersion: "v1", kind: "ConfigMap" }, {}],
    [
      "items that take their type from their list",
      { apiVersion: "v1", kind: "PodList" },
      { apiVersion: undefined, kind: undefined },
    ],
  ])("judges what kubectl makes of %s", async (_, list, type) => {
    const items = (image: string): object => ({ ...list, items: [{ ...pod("listed", image), ...type }] });
    const refused = await apply(items(unsigned));
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("signature/missing")]);
    const started = await apply(items(signed));
    expect([started.code, started.stderr]).toEqual([0, ""]);
    await cluster().kubectlOk(["-n", "shop", "delete", "pod", "listed", "--grace-period=0", "--force"]);
  });

  it("refuses kubectl debug with an unsigned image, and allows it with a signed one", async () => {
    const refused = await debug(unsigned);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("ephemeral container")]);
    expect(refused.stderr).toContain("signature/missing");
    expect((await debug(signed)).code).toBe(0);
  });

  it("refuses an unsigned image that an update brings in, and lets the rest of an object change", async () => {
    const { kubectl } = cluster();
    const image = await kubectl(["-n", "shop", "set", "image", "deployment/good", `web=${unsigned}`]);
    expect([image.code, image.stderr]).toEqual([1, expect.stringContaining("signature/missing")]);
    expect((await kubectl(["-n", "shop", "label", "deployment/good", "tier=front"])).code).toBe(0);
    expect((await kubectl(["-n", "shop", "scale", "deployment/good", "--replicas=0"])).code).toBe(0);
  });

  it("never blocks a deletion, nor the removal of a finalizer, of what it would refuse", async () => {
    const { kubectl, kubectlOk } = cluster();
    const object = pod("stuck", unsigned, "later");
    await apply({
      ...object,
      metadata: { name: "stuck", namespace: "later", finalizers: ["example.com/hold"] },
    });
    await kubectlOk(["label", "--overwrite", "namespace", "later", "mc-gate.dev/mode=enforce"]);
    expect((await kubectl(["-n", "later", "delete", "pod", "stuck", "--wait=false"])).code).toBe(0);
    const patch = [
      "-n",
      "later",
      "patch",
      "pod",
      "stuck",
      "--type=merge",
      "-p",
      '{"metadata":{"finalizers":null}}',
    ];
    expect(await kubectl(patch)).toMatchObject({ code: 0 });
    await eventually(
      "the pod's end",
      async () => {
        const { code } = await kubectl(["-n", "later", "get", "pod", "stuck"]);
        return code === 1 ? true : undefined;
      },
      60_000,
    );
  });

  it("starts everything in an advisory namespace, with a warning that says what to do", async () => {
    const started = await apply(pod("advised", unsigned, "sandbox"));
    expect(started.code).toBe(0);
    expect(started.stderr).toMatch(
      /Warning: mc-gate would refuse \S+: signature\/missing\. Sign this digest\./,
    );
  });

  it("refuses a tag, and says how to pin it", async () => {
    const refused = await apply(pod("tagged", `${registry.host}/acme/app:latest`));
    expect(refused.stderr).toContain("[reference/unpinned]");
    expect(refused.stderr).toContain("mc pin");
  });

  it("starts a waived image with a warning that names the waiver and its end, within a second of the edit", async () => {
    const digest = unsigned.split("@")[1]!;
    const waiver = (id: string, kind: string) => `
  - id: ${id}
    class: ${kind}
    digest: ${digest}
    reason: The supplier signs from the next release on.
    owners: [team-shop]
    approvals:
      - { by: mia, seat: release-manager, at: "2026-11-23T09:00:00Z" }
      - { by: sam, seat: devsecops, at: "2026-11-23T09:00:00Z" }
    created: ${new Date(Date.now() - 60_000).toISOString()}
    ttl: 72h`;
    expect(
      await gate.setWaivers(`waivers:${waiver("W-1", "signature")}${waiver("W-2", "provenance")}\n`),
    ).toMatchObject({ code: 0 });
    const started = await answered("the waiver", pod("waived", unsigned), 0);
    expect(started.stderr).toMatch(/Warning: mc-gate: waiver W-1.* until \d{4}-/);
    expect(await gate.setWaivers("waivers: []\n")).toMatchObject({ code: 0 });
    await answered("its end", pod("waived", unsigned), 1);
  });

  it("takes a policy edit at once", async () => {
    const rule = {
      name: "pinned",
      images: [`${registry.host}/acme/*`],
      require: { reference: { pinned: true } },
    };
    const pinnedOnly = JSON.stringify({ rules: [rule] });
    expect(await gate.setPolicy(pinnedOnly)).toMatchObject({ code: 0 });
    await answered("the new policy", pod("free", unsigned), 0);
    expect(await gate.setPolicy(policy)).toMatchObject({ code: 0 });
    await answered("the old policy", pod("free", unsigned), 1);
  });

  it("refuses a bad edit of its documents with the line, and keeps the last good one", async () => {
    const refused = await gate.setPolicy("rules:\n  - name: acme\n    imagez: []\n");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("policy.yaml:3:5");
    expect(refused.stderr).toContain("[unknown-key]");
    const waivers = await gate.setWaivers("waivers:\n  - id: W-9\n    class: signature\n");
    expect([waivers.code, waivers.stderr]).toEqual([1, expect.stringContaining("waivers.yaml:2:")]);
    expect((await apply(pod("still", unsigned), "--dry-run=server")).code).toBe(1);
  });

  it("keeps admitting what it verified while the registry is down, and says retry for the rest", async () => {
    const fresh = await pushText(registry.host, "never seen");
    const port = Number(registry.host.split(":")[1]);
    await registry.stop();
    expect((await apply(pod("known", signed), "--dry-run=server")).code).toBe(0);
    const unknown = await apply(pod("unknown", fresh), "--dry-run=server");
    expect(unknown.stderr).toContain("[registry/unavailable]");
    expect(unknown.stderr).toContain("Retry");
    registry = await startRegistry({ referrers: true, port });
  });

  it("counts and logs its decisions without a word from outside in the labels", async () => {
    const metrics = await gate.metrics();
    expect(metrics).toMatch(
      /mc_gate_admission_requests_total\{decision="deny",mode="enforce",operation="CREATE",caller="unverified"\} \d+/,
    );
    expect(metrics).not.toContain("acme/app");
    const decisions = gate
      .log()
      .split("\n")
      .filter((line) => line.includes('"msg":"decision"'));
    expect(decisions.length).toBeGreaterThan(10);
  });

  it("fails closed in an enforcing namespace when it is killed, and open in an advisory one", async () => {
    await gate.kill();
    const enforced = await apply(pod("dead", signed), "--dry-run=server");
    expect([enforced.code, enforced.stderr]).toEqual([1, expect.stringContaining("failed calling webhook")]);
    expect((await apply(pod("dead", unsigned, "sandbox"), "--dry-run=server")).code).toBe(0);
    await gate.start();
    await eventually("the gate's return", async () => {
      const outcome = await apply(pod("back", unsigned), "--dry-run=server");
      return outcome.stderr.includes("denied the request") ? true : undefined;
    });
  });
});
