import { describe, expect, it } from "vitest";

import { helm } from "../support/helm.ts";
import { eventually } from "../support/process.ts";
import { cluster } from "../support/scenario.ts";

describe("the API server", () => {
  it("is a real one, of the version that kubectl has", async () => {
    const version = JSON.parse(await cluster().kubectlOk(["version", "-o", "json"]));
    expect(version.serverVersion.gitVersion).toMatch(/^v1\.\d+\.\d+$/);
  });

  it("takes a pod, and refuses one that is none", async () => {
    const { kubectl, kubectlOk } = cluster();
    await kubectlOk(["run", "first", "--image", "registry.example/app", "--restart", "Never"]);
    const pod = JSON.parse(await kubectlOk(["get", "pod", "first", "-o", "json"]));
    expect(pod.spec.containers[0].image).toBe("registry.example/app");
    await kubectlOk(["delete", "pod", "first", "--wait=false"]);
    const refused = await kubectl(["run", "Second_Pod", "--image", "registry.example/app"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Invalid value");
  });

  it("makes the pods of a Deployment", async ({ skip }) => {
    skip(process.env["KUBEBUILDER_ASSETS"] !== undefined, "envtest has no controller manager");
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "deployment", "some", "--image", "registry.example/app"]);
    const pods = await eventually("the pod", async () => {
      const names = await kubectlOk(["get", "pods", "-l", "app=some", "-o", "name"]);
      return names.trim() || undefined;
    });
    expect(pods).toMatch(/^pod\/some-/);
    await kubectlOk(["delete", "deployment", "some"]);
  });

  it("is reached by a real helm", async () => {
    const { code, stdout } = await helm(cluster().kubeconfig, ["list", "--all-namespaces", "-o", "json"]);
    expect([code, stdout.trim()]).toEqual([0, "[]"]);
  });
});
