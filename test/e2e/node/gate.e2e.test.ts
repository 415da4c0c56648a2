import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type GateRelease, podOf, prepareRelease, RELEASE } from "../support/gate-release.ts";
import { helm } from "../support/helm.ts";
import { nodePrograms } from "../support/node-programs.ts";
import { eventually } from "../support/process.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";

describe.skipIf(nodeObstacle)("the gate in a whole cluster, by its chart", () => {
  let gate: GateRelease;

  beforeAll(async () => {
    const { kubectlOk } = cluster();
    gate = await prepareRelease(cluster(), "shop");
    await kubectlOk(["create", "namespace", "sandbox"]);
    await kubectlOk(["label", "namespace", "sandbox", "mc-gate.dev/mode=advisory"]);
  });
  afterAll(async () => {
    await cluster().kubectl(["delete", "namespace", "sandbox", "--wait=false"]);
    await gate?.stop();
  });

  it("installs, becomes ready as two replicas, and issues its own certificate", async () => {
    const installed = await gate.helm("install", "--create-namespace");
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
      const { stderr } = await gate.apply(podOf("probe", gate.unsigned, "shop"), "--dry-run=server");
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

  it("passes helm test, which asks for an image that the policy admits as well", async () => {
    const upgraded = await gate.helm("upgrade", "--set", `test.admittedImage=${gate.signed}`);
    expect(upgraded.code).toBe(0);
    const flags = ["--namespace", RELEASE, "--logs", "--timeout", "120s"];
    const { code, stdout, stderr } = await helm(cluster().kubeconfig, ["test", RELEASE, ...flags]);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(stdout.match(/^ok: .*$/gm)).toHaveLength(3);
    expect(stdout).not.toContain("not ok");
  });

  it("lets a signed image really start, and an unsigned one not", async () => {
    const refused = await gate.apply(podOf("bad", gate.unsigned, "shop"));
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("signature/missing")]);
    expect(await gate.apply(podOf("good", gate.signed, "shop"))).toMatchObject({ code: 0 });
    const path = "--for=jsonpath={.status.phase}=Succeeded";
    await cluster().kubectlOk(["-n", "shop", "wait", "pod/good", path, "--timeout=90s"], {
      timeoutMs: 100_000,
    });
    expect(await cluster().kubectlOk(["-n", "shop", "logs", "good"])).toBe("signed\n");
    const advised = await gate.apply(podOf("advised", gate.unsigned, "sandbox"));
    expect([advised.code, advised.stderr]).toEqual([
      0,
      expect.stringContaining("Warning: mc-gate would refuse"),
    ]);
  });

  it("loses no review and admits nothing wrong while a replica is deleted under load", async () => {
    const { kubectl, kubectlOk } = cluster();
    const wrong = await gate.underLoad(async () => {
      const names = (await kubectlOk(["-n", RELEASE, "get", "pods", "-o", "name"])).trim().split("\n");
      await kubectl(["-n", RELEASE, "delete", names[0]!, "--wait=true"], { timeoutMs: 90_000 });
      await kubectlOk(["-n", RELEASE, "rollout", "status", `deployment/${RELEASE}`, "--timeout=90s"], {
        timeoutMs: 100_000,
      });
    });
    expect(wrong).toEqual([]);
  });

  it("answers while no replica counts as ready, as after an outage of the cluster's store", async () => {
    const { kubectlOk, kubeconfig } = cluster();
    if (process.env["E2E_KUBECONFIG"] !== undefined) return; // no kubelet of the user's is stopped
    const programs = nodePrograms(kubeconfig);
    const ready = async (): Promise<string> => {
      const path = "jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}";
      const ours = `kubernetes.io/service-name=${RELEASE}`;
      return kubectlOk(["-n", RELEASE, "get", "endpointslices", "-l", ours, "-o", path]);
    };
    const pods = (await kubectlOk(["-n", RELEASE, "get", "pods", "-o", "name"])).trim().split("\n");
    const wrong = await gate.underLoad(async () => {
      await programs.signal("kubelet", "STOP"); // which would say at once that they are ready
      try {
        for (const pod of pods) {
          const conditions = [{ type: "Ready", status: "False", reason: "NodeNotReady" }];
          const patch = JSON.stringify({ status: { conditions } });
          await kubectlOk(["-n", RELEASE, "patch", pod, "--subresource=status", "-p", patch]);
        }
        await eventually("no endpoint that is ready", async () =>
          (await ready()) === "" ? true : undefined,
        );
        await pause(1000); // until kube-proxy knows
        const path = "jsonpath={.spec.clusterIP}";
        const address = await kubectlOk(["-n", RELEASE, "get", "service", RELEASE, "-o", path]);
        // The API server keeps connections open, which go on; these are new ones.
        const asked = `curl -sk --max-time 5 -o /dev/null -w '%{http_code} ' https://${address}/nowhere || echo none`;
        const answers = await programs.inside(`for at in {1..20}; do ${asked}; done`);
        expect(answers.trim().split(/\s+/)).toEqual(Array.from({ length: 20 }, () => "404"));
      } finally {
        await programs.signal("kubelet", "CONT");
      }
      await eventually("both endpoints", async () => ((await ready()).includes(" ") ? true : undefined));
    });
    expect(wrong).toEqual([]);
  });

  it("upgrades under load with the caBundles kept and no review lost", async () => {
    const path = "jsonpath={.webhooks[*].clientConfig.caBundle}";
    const bundles = () => cluster().kubectlOk(["get", "validatingwebhookconfiguration", RELEASE, "-o", path]);
    const before = await bundles();
    expect(before.split(" ")).toHaveLength(9);
    const wrong = await gate.underLoad(async () => {
      const upgraded = await gate.helm("upgrade", "--set", "podAnnotations.round=two");
      expect([upgraded.code, upgraded.stderr]).toEqual([0, expect.any(String)]);
    });
    expect(wrong).toEqual([]);
    expect(await bundles()).toBe(before);
  });

  it("loses no review while it goes from two replicas to one, to five, and back", async () => {
    const { kubectlOk } = cluster();
    const scale = async (replicas: number): Promise<void> => {
      await kubectlOk(["-n", RELEASE, "scale", `deployment/${RELEASE}`, `--replicas=${replicas}`]);
      const rollout = ["-n", RELEASE, "rollout", "status", `deployment/${RELEASE}`, "--timeout=120s"];
      await kubectlOk(rollout, { timeoutMs: 130_000 });
    };
    const wrong = await gate.underLoad(async () => {
      for (const replicas of [1, 5, 2]) await scale(replicas);
    });
    expect(wrong).toEqual([]);
  });

  it("lets its node be drained, one replica after the other, and loses no review", async () => {
    const { kubectlOk } = cluster();
    const [node = ""] = (await kubectlOk(["get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"])).split(
      " ",
    );
    const drain = ["drain", node, "--pod-selector=app.kubernetes.io/name=mc-gate", "--ignore-daemonsets"];
    const pods = ["-n", RELEASE, "get", "pods", "-o", "jsonpath={.items[*].metadata.name}"];
    const before = (await kubectlOk(pods)).split(" ");
    const wrong = await gate.underLoad(async () => {
      const drained = kubectlOk([...drain, "--delete-emptydir-data", "--timeout=150s"], {
        timeoutMs: 160_000,
      });
      await eventually("the first eviction", async () => {
        const left = (await kubectlOk(pods)).split(" ");
        return before.every((name) => left.includes(name)) ? undefined : true;
      });
      await kubectlOk(["uncordon", node]); // in the place of a second node
      await drained;
      const rollout = ["-n", RELEASE, "rollout", "status", `deployment/${RELEASE}`, "--timeout=90s"];
      await kubectlOk(rollout, { timeoutMs: 100_000 });
    });
    await kubectlOk(["uncordon", node]);
    expect(wrong).toEqual([]);
    const after = (await kubectlOk(pods)).split(" ");
    expect(before.filter((name) => after.includes(name))).toEqual([]);
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
    expect((await gate.apply(podOf("free", gate.unsigned, "shop"), "--dry-run=server")).code).toBe(0);
  });
});
