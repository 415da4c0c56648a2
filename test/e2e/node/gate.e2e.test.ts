import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Cluster } from "../support/cluster.ts";
import {
  attestImage,
  generateKeyPair,
  type KeyPair,
  signImage,
  type Signer,
  slsaProvenance,
} from "../support/cosign.ts";
import { pushGateImage } from "../support/gate-image.ts";
import { helm } from "../support/helm.ts";
import { pushImage } from "../support/images.ts";
import { nodeImage } from "../support/node-image.ts";
import { policyText } from "../support/policies.ts";
import { eventually } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const IDENTITY = { repository: "acme/app" };
const RELEASE = "mc-gate";
const CHART = join(PROJECT, "charts/mc-gate");

function apply(object: unknown, ...flags: string[]): ReturnType<Cluster["kubectl"]> {
  return cluster().kubectl(["apply", "-f", "-", ...flags], { stdin: JSON.stringify(object) });
}

function pod(name: string, image: string, namespace = "shop"): unknown {
  const spec = { restartPolicy: "Never", containers: [{ name: "main", image }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
}

async function push(text: string): Promise<{ readonly inside: string; readonly outside: string }> {
  const { registry } = cluster();
  const main = `console.log(${JSON.stringify(text)})`;
  const { name } = await pushImage(
    registry!.outside,
    "acme/app",
    await nodeImage([{ path: "/app/main.js", text: main }], "/app/main.js"),
  );
  return { inside: `${registry!.inside}/${name}`, outside: `${registry!.outside}/${name}` };
}

describe.skipIf(nodeObstacle)("the gate in a whole cluster, by its chart", () => {
  let sigstore: SigstoreServer;
  let keys: KeyPair;
  let signed: string;
  let unsigned: string;
  let values: string;

  function release(command: readonly string[], ...flags: string[]) {
    const common = ["--namespace", RELEASE, "--set-json", values, "--wait", "--timeout", "120s"];
    return helm(cluster().kubeconfig, [...command, RELEASE, CHART, ...common, ...flags]);
  }

  beforeAll(async () => {
    const { kubectlOk, registry } = cluster();
    [sigstore, keys] = await Promise.all([startSigstore(), generateKeyPair()]);
    const signer: Signer = { kind: "keyless", sigstore, identity: IDENTITY };
    const good = await push("signed");
    await signImage(good.outside, signer, "bundle");
    await attestImage(good.outside, signer, "bundle", slsaProvenance(IDENTITY));
    [signed, unsigned] = [good.inside, (await push("unsigned")).inside];
    const image = await pushGateImage(registry!.outside);
    const policy = policyText({ sigstore, keys, identity: IDENTITY, images: [`${registry!.inside}/acme/*`] });
    values = [
      `image=${JSON.stringify({ repository: `${registry!.inside}/mc-gate`, digest: image.digest })}`,
      `policy=${JSON.stringify({ text: policy })}`,
      `settings=${JSON.stringify({ registries: { hosts: { [registry!.inside]: { plainHttp: true } } }, tuf: { enabled: false } })}`,
    ].join(",");
    for (const [name, mode] of [
      ["shop", "enforce"],
      ["sandbox", "advisory"],
    ] as const) {
      await kubectlOk(["create", "namespace", name]);
      await kubectlOk(["label", "namespace", name, `mc-gate.dev/mode=${mode}`]);
    }
  });
  afterAll(async () => {
    await Promise.all([sigstore?.stop(), keys?.stop()]);
  });

  it("installs, becomes ready as two replicas, and issues its own certificate", async () => {
    const installed = await release(["install"], "--create-namespace");
    expect([installed.code, installed.stderr]).toEqual([0, expect.any(String)]);
    const ready = await cluster().kubectlOk([
      "-n",
      RELEASE,
      "get",
      "deployment",
      RELEASE,
      "-o",
      "jsonpath={.status.readyReplicas}",
    ]);
    expect(ready).toBe("2");
    await eventually("the webhook", async () => {
      const { stderr } = await apply(pod("probe", unsigned), "--dry-run=server");
      return stderr.includes("denied the request") ? true : undefined;
    });
  });

  it("runs as nobody in particular, on a root file system that cannot be written", async () => {
    const pods = JSON.parse(await cluster().kubectlOk(["-n", RELEASE, "get", "pods", "-o", "json"]));
    for (const { spec } of pods.items) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
      expect(spec.containers[0].securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
      });
    }
  });

  it("lets a signed image really start, and an unsigned one not", async () => {
    const refused = await apply(pod("bad", unsigned));
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("[signature/missing, rule acme]"),
    ]);
    expect(await apply(pod("good", signed))).toMatchObject({ code: 0 });
    const path = "--for=jsonpath={.status.phase}=Succeeded";
    await cluster().kubectlOk(["-n", "shop", "wait", "pod/good", path, "--timeout=90s"], {
      timeoutMs: 100_000,
    });
    expect(await cluster().kubectlOk(["-n", "shop", "logs", "good"])).toBe("signed\n");
    const advised = await apply(pod("advised", unsigned, "sandbox"));
    expect([advised.code, advised.stderr]).toEqual([0, expect.stringContaining("Warning: mc-gate advisory")]);
  });

  /** What went wrong with reviews, signed and unsigned in turn, while something else was done. */
  async function underLoad(work: () => Promise<unknown>): Promise<string[]> {
    const stop = new AbortController();
    const wrong: string[] = [];
    const load = async (name: string): Promise<void> => {
      for (let at = 0; !stop.signal.aborted; at++) {
        const good = at % 2 === 0;
        const answer = await apply(pod(`${name}-${at}`, good ? signed : unsigned), "--dry-run=server");
        const isRight = good
          ? answer.code === 0
          : answer.code !== 0 && answer.stderr.includes("signature/missing");
        if (!isRight)
          wrong.push(`${good ? "a signed" : "an unsigned"} image: ${answer.code} ${answer.stderr}`);
      }
    };
    const running = [load("a"), load("b")];
    await work();
    stop.abort();
    await Promise.all(running);
    return wrong;
  }

  it("loses no review and admits nothing wrong while a replica is deleted under load", async () => {
    const { kubectl, kubectlOk } = cluster();
    const wrong = await underLoad(async () => {
      const names = (await kubectlOk(["-n", RELEASE, "get", "pods", "-o", "name"])).trim().split("\n");
      await kubectl(["-n", RELEASE, "delete", names[0]!, "--wait=true"], { timeoutMs: 90_000 });
      await kubectlOk(["-n", RELEASE, "rollout", "status", `deployment/${RELEASE}`, "--timeout=90s"], {
        timeoutMs: 100_000,
      });
    });
    expect(wrong).toEqual([]);
  });

  it("upgrades under load with the caBundles kept and no review lost", async () => {
    const path = "jsonpath={.webhooks[*].clientConfig.caBundle}";
    const bundles = () => cluster().kubectlOk(["get", "validatingwebhookconfiguration", RELEASE, "-o", path]);
    const before = await bundles();
    expect(before.split(" ")).toHaveLength(4);
    const wrong = await underLoad(async () => {
      const upgraded = await release(["upgrade"], "--set", "podAnnotations.round=two");
      expect([upgraded.code, upgraded.stderr]).toEqual([0, expect.any(String)]);
    });
    expect(wrong).toEqual([]);
    expect(await bundles()).toBe(before);
  });

  it("is removed without a trace in the way of anybody", async () => {
    const removed = await helm(cluster().kubeconfig, [
      "uninstall",
      RELEASE,
      "--namespace",
      RELEASE,
      "--wait",
    ]);
    expect(removed.code).toBe(0);
    const left = await cluster().kubectlOk([
      "get",
      "validatingwebhookconfigurations,clusterroles,clusterrolebindings",
      "-o",
      "name",
    ]);
    expect(left).not.toContain(RELEASE);
    expect((await apply(pod("free", unsigned), "--dry-run=server")).code).toBe(0);
  });
});
