import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aPod, aReview } from "../../support/review.ts";
import { CHART, type GateRelease, podOf, prepareRelease, RELEASE } from "../support/gate-release.ts";
import { nodePrograms } from "../support/node-programs.ts";
import { dismiss, employ } from "../support/people.ts";
import { eventually } from "../support/process.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";
import { dataOf } from "../support/secrets.ts";

/** A namespace without a label: the default mode holds there. */
const UNLABELLED = "upgrade-default";
const MAX_MS = 30_000;

function policyNow(): Promise<string> {
  const path = "jsonpath={.data.policy\\.yaml}";
  return cluster().kubectlOk(["-n", RELEASE, "get", "configmap", `${RELEASE}-policy`, "-o", path]);
}

describe.skipIf(nodeObstacle)("a release that is upgraded", () => {
  let gate: GateRelease;

  beforeAll(async () => {
    gate = await prepareRelease(cluster(), "upgrade");
    await cluster().kubectlOk(["create", "namespace", UNLABELLED]);
    await cluster().kubectl(["create", "namespace", RELEASE]); // it may be there
  });
  afterAll(async () => {
    await gate?.stop();
    await dismiss(cluster(), "upgrade");
    await cluster().kubectl(["delete", "namespace", UNLABELLED, "--wait=false"]);
  });

  /** Waits until an unsigned image fares so in a namespace. */
  async function unsignedFares(namespace: string, how: RegExp): Promise<void> {
    await eventually(
      `an unsigned image to fare as ${how.source} in ${namespace}`,
      async () => {
        const asked = await gate.apply(podOf("probe", gate.unsigned, namespace), "--dry-run=server");
        return how.test(asked.stderr + asked.stdout) || undefined;
      },
      MAX_MS,
    );
  }

  const REFUSED = /denied the request[^]*\[signature\/missing/;
  const WARNED = /Warning: mc-gate would refuse[^]*pod\/probe created/;

  it("takes another default mode, and a policy in a ConfigMap of one's own, which is guarded", async () => {
    const pinned = {
      rules: [{ name: "pinned", images: ["**"], require: { reference: { pinned: true } } }],
    };
    const text = JSON.stringify(pinned);
    const metadata = { name: "ours", namespace: RELEASE };
    const { code } = await gate.apply({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "policy.yaml": text },
    });
    expect(code).toBe(0);
    const more = ["--reset-values", "--install", "--create-namespace", "--set", "replicas=1"];
    const advisory = await gate.helm("upgrade", ...more, "--set", "defaultMode=advisory");
    expect([advisory.code, advisory.stderr]).toEqual([0, expect.any(String)]);
    await unsignedFares(UNLABELLED, WARNED);
    await unsignedFares("upgrade", REFUSED);

    const ours = ["--set", "policy.existingConfigMap=ours"];
    const changed = await gate.helmWithoutPolicy("upgrade", CHART, ...more, ...ours);
    expect([changed.code, changed.stderr]).toEqual([0, expect.any(String)]);
    await unsignedFares("upgrade", /^pod\/probe created/);
    expect(JSON.parse(await policyNow())).toEqual(JSON.parse(gate.policy));

    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch"] }];
    await employ(cluster(), { user: "ana", label: "upgrade", rules });
    const patch = JSON.stringify({
      data: { "policy.yaml": JSON.stringify({ ...pinned, unmatched: "allow" }) },
    });
    const edit = ["-n", RELEASE, "patch", "configmap", "ours", "-p", patch, "--as", "ana"];
    // A replica that ends answers for some seconds, and reads another ConfigMap.
    await eventually("the end of the replica before", async () => {
      const refused = await cluster().kubectl(edit);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("guard.mc-gate.dev")]);
      const pods = await cluster().kubectlOk(["-n", RELEASE, "get", "pods", "-o", "name"]);
      return pods.trim().includes("\n") ? undefined : true;
    });
  });

  it("answers in its node's network, over its Service and over [::1]", async ({ skip }) => {
    skip(process.env["E2E_KUBECONFIG"] !== undefined, "the address is asked from inside the node");
    const values = {
      hostNetwork: true,
      server: { port: 10443, probePort: 10480, fallback: { port: 10444 } },
      // Its node has room for one.
      updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      replicas: 1,
    };
    const flags = Object.entries(values).flatMap(([name, value]) => [
      "--set-json",
      `${name}=${JSON.stringify(value)}`,
    ]);
    const changed = await gate.helm("upgrade", "--install", "--create-namespace", "--reset-values", ...flags);
    expect([changed.code, changed.stderr]).toEqual([0, expect.any(String)]);
    await unsignedFares("upgrade", REFUSED);

    const { inside } = nodePrograms(cluster().kubeconfig);
    const host = `${RELEASE}.${RELEASE}.svc`;
    const trusted = (await dataOf(cluster(), `${RELEASE}-tls`))["ca.crt"]!;
    const review = JSON.stringify(aReview({ namespace: "upgrade", object: aPod(gate.unsigned) }));
    for (const port of [10443, 10444]) {
      const answer = await inside(
        `curl -sS --max-time 20 --cacert <(echo '${trusted}') --resolve '${host}:${port}:[::1]' ` +
          `-H 'content-type: application/json' -d '${review}' https://${host}:${port}/validate/enforce?timeout=10s`,
      );
      expect(JSON.parse(answer).response).toMatchObject({
        allowed: false,
        status: { message: expect.stringContaining("[signature/missing") },
      });
    }
  });
});
