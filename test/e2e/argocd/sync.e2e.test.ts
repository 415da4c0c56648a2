import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createApplication, type RunningApplication } from "../support/argocd-application.ts";
import { type HookOptions, preSyncHook } from "../support/argocd-hooks.ts";
import { type StandInKubelet, startStandInKubelet } from "../support/argocd-kubelet.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { cluster } from "../support/scenario.ts";

const OLD = `registry.example/web@sha256:${"1".repeat(64)}`;
const NEW = `registry.example/web@sha256:${"2".repeat(64)}`;

function hook(kind: HookOptions["kind"], script: string): object {
  return preSyncHook({ kind, name: "check", final: [10], container: { command: ["sh", "-c", script] } });
}

const REFUSING = "echo 'web is not signed' > /dev/termination-log; exit 10";

describe.skipIf(argoCdObstacle)("a sync of a real Argo CD", () => {
  let kubelet: StandInKubelet;
  beforeAll(() => {
    kubelet = startStandInKubelet(cluster());
  });
  afterAll(() => kubelet?.stop());

  describe.each(["Job", "Pod"] as const)("with a PreSync %s", (kind) => {
    const namespace = `sync-${kind.toLowerCase()}`;
    let team: GitRepository;
    let app: RunningApplication;
    beforeAll(async () => {
      team = await makeRepository([webDeployment(OLD), hook(kind, "exit 0")]);
      app = await createApplication(cluster(), {
        name: namespace,
        repositories: [team.url],
        destination: namespace,
      });
    });
    afterAll(() => team?.remove());
    beforeEach(({ onTestFailed }) => onTestFailed(() => console.log(kubelet.log())));

    it("applies what git has after the hook", async () => {
      const { code, stdout } = await argoCd().argocd(["app", "sync", app.name, "--timeout", "60"]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("Succeeded")]);
      const { operationState } = await app.status();
      expect(operationState?.syncResult?.resources).toContainEqual(
        expect.objectContaining({ kind, name: "check", hookPhase: "Succeeded" }),
      );
      expect(await deployedImage(cluster(), namespace)).toBe(OLD);
      await app.until("health", ({ health }) => health?.status === "Healthy" || undefined);
    });

    it("stops at a hook that fails: nothing is applied, and the person sees why", async () => {
      await app.refresh(await team.commit([webDeployment(NEW), hook(kind, REFUSING)]));
      const { code } = await argoCd().argocd(["app", "sync", app.name, "--timeout", "60"]);
      expect(code).toBe(1);
      const { operationState, sync } = await app.status();
      expect([operationState?.phase, sync?.status]).toEqual(["Failed", "OutOfSync"]);
      expect(await deployedImage(cluster(), namespace)).toBe(OLD);
      const { stdout } = await argoCd().argocd(["app", "get", app.name]);
      const shown = kind === "Pod" ? "web is not signed" : "failed with exit code 10 matching FailJob rule";
      expect(stdout).toContain(shown);
    });
  });
});
