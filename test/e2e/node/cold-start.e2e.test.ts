import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type GateRelease, podOf, prepareRelease, RELEASE } from "../support/gate-release.ts";
import { eventually } from "../support/process.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";

/** What a cluster cannot start without, such as its network: an image that no policy knows, kept by a controller. */
const SYSTEM = "cold-start-system";

function systemDeployment(image: string): unknown {
  const labels = { app: SYSTEM };
  const command = ["/nodejs/bin/node", "-e", "setInterval(() => 0, 1e6)"];
  const spec = { containers: [{ name: "main", image, command }], terminationGracePeriodSeconds: 0 };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: SYSTEM, namespace: "kube-system" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

async function available(namespace: string, name: string): Promise<void> {
  const wait = ["-n", namespace, "wait", `deployment/${name}`, "--for=condition=Available", "--timeout=150s"];
  await cluster().kubectlOk(wait, { timeoutMs: 160_000 });
}

describe.skipIf(nodeObstacle)("a cold start, with enforcement as the default", () => {
  let gate: GateRelease;

  beforeAll(async () => {
    gate = await prepareRelease(cluster(), "cold");
    const installed = await gate.helm("install", "--create-namespace", "--set", "defaultMode=enforce");
    if (installed.code !== 0) throw new Error(installed.stderr);
    await enforcing();
    await gate.apply(systemDeployment(gate.unsigned));
    await available("kube-system", SYSTEM);
  });
  afterAll(async () => {
    await cluster().kubectl(["-n", "kube-system", "delete", "deployment", SYSTEM, "--ignore-not-found"]);
    await gate?.stop();
  });

  /** Waits until the gate itself refuses what it should, and admits what it should. */
  function enforcing(): Promise<true> {
    return eventually(
      "enforcement",
      async () => {
        const refused = await gate.apply(podOf("bad", gate.unsigned, "cold"), "--dry-run=server");
        const admitted = await gate.apply(podOf("good", gate.signed, "cold"), "--dry-run=server");
        const isRight = refused.stderr.includes("signature/missing") && admitted.code === 0;
        return isRight || undefined;
      },
      120_000,
    );
  }

  it("admits nothing while no replica runs, starts kube-system and the gate, and enforces again", async () => {
    const { kubectl, kubectlOk } = cluster();
    await kubectlOk(["-n", RELEASE, "scale", `deployment/${RELEASE}`, "--replicas=0"]);
    await kubectlOk(["-n", RELEASE, "wait", "pods", "--all", "--for=delete", "--timeout=90s"], {
      timeoutMs: 100_000,
    });
    for (const image of [gate.signed, gate.unsigned]) {
      const refused = await gate.apply(podOf("closed", image, "cold"), "--dry-run=server");
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("failed calling webhook")]);
    }
    await kubectl(["-n", "kube-system", "delete", "pods", `--selector=app=${SYSTEM}`, "--wait=true"]);
    await available("kube-system", SYSTEM);
    await kubectlOk(["-n", RELEASE, "scale", `deployment/${RELEASE}`, "--replicas=2"]);
    await available(RELEASE, RELEASE);
    expect(await enforcing()).toBe(true);
  });

  it("comes back when all pods are deleted at once", async () => {
    const { kubectl } = cluster();
    const all = ["delete", "pods", "--all", "--grace-period=0", "--force"];
    await Promise.all([RELEASE, "kube-system"].map((namespace) => kubectl(["-n", namespace, ...all])));
    await available("kube-system", SYSTEM);
    await available(RELEASE, RELEASE);
    expect(await enforcing()).toBe(true);
  });
});
