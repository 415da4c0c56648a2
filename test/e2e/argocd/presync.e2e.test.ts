import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import {
  type ApplicationStatus,
  createApplication,
  refusalEvent,
  type RunningApplication,
} from "../support/argocd-application.ts";
import { gateAuthority, gateHook, GATE_HOOK, MC_ENTRYPOINT } from "../support/argocd-gate-hook.ts";
import { signatureWaiver, type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { type StandInKubelet, startStandInKubelet } from "../support/argocd-kubelet.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import type { ArgoCd } from "../support/argocd.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushText } from "../support/images.ts";
import { eventually } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

/** Long enough for an answer, short enough to give up while the gate is down. */
const TIMEOUT = 9;

interface Team {
  readonly app: RunningApplication;
  readonly commit: (image: string) => Promise<void>;
  readonly deployed: () => Promise<string>;
}

/** The gate's webhooks are not installed here: what is seen is the hook's doing alone. */
describe.skipIf(argoCdObstacle)("a PreSync hook that asks the gate", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let kubelet: StandInKubelet;
  let signed: string;
  let hook: string;
  const repositories: GitRepository[] = [];

  function push(text: string, isSigned = false): Promise<string> {
    return isSigned ? pushSigned(registry.host, text, keys) : pushText(registry.host, text);
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    signed = await push("signed", true);
    hook = await push("hook", true);
    gate = await startSyncGate({
      cluster: cluster(),
      argo: argoCd(),
      registry: registry.host,
      keys,
      image: hook,
    });
    kubelet = startStandInKubelet(cluster(), { [hook]: MC_ENTRYPOINT });
  });
  afterAll(async () => {
    await kubelet?.stop();
    await gate?.stop();
    await Promise.all([keys?.stop(), registry?.stop(), ...repositories.map((each) => each.remove())]);
  });

  function hookOf(kind: "Job" | "Pod"): object {
    return gateHook(gate, { kind, image: hook, timeout: TIMEOUT, backoffLimit: 1 });
  }

  async function aNamespace(name: string): Promise<void> {
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", name]);
    await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(gateAuthority(gate, name)) });
  }

  /** An Application whose first version, which is signed, is deployed; the hook is a source of the platform's. */
  async function aTeam(name: string, { kind = "Pod", ...options }: TeamOptions = {}): Promise<Team> {
    await aNamespace(name);
    const team = await makeRepository([webDeployment(signed)]);
    const platform = await makeRepository([hookOf(kind)]);
    repositories.push(team, platform);
    const app = await createApplication(cluster(), {
      name,
      repositories: [team.url, platform.url],
      destination: name,
      ...options,
    });
    const outcome = await sync(app, options.namespace);
    expect([outcome.code, kubelet.log().at(-1)]).toEqual([0, expect.anything()]);
    return {
      app,
      commit: async (image) => {
        const revision = await team.commit([webDeployment(image)]);
        await app.refresh(revision);
      },
      deployed: () => deployedImage(cluster(), name),
    };
  }

  it("applies what is allowed, and nothing of what is refused: image, code and fix are where the person looks", async () => {
    const unsigned = await push("refused");
    const { app, commit, deployed } = await aTeam("pre-refused");
    expect(await deployed()).toBe(signed);
    await commit(unsigned);
    expect((await sync(app)).code).toBe(1);
    expect(await deployed()).toBe(signed);
    const status = await app.status();
    const { stdout } = await argoCd().argocd(["app", "get", app.name]);
    for (const text of [hookMessage(status), stdout]) {
      expect(text).toContain(toldImage(unsigned));
      expect(text).toContain("signature/missing");
    }
    expect(status.operationState?.phase).toBe("Failed");
    expect(await refusalEvent(cluster(), app.name)).toContain(toldImage(unsigned));
  });

  it("goes by the same for a Job, which ends at the first refusal", async () => {
    const unsigned = await push("refused by a Job");
    const { app, commit, deployed } = await aTeam("pre-job", { kind: "Job" });
    await commit(unsigned);
    expect((await sync(app)).code).toBe(1);
    expect(await deployed()).toBe(signed);
    const { stdout } = await argoCd().argocd(["app", "get", app.name]);
    expect(stdout).toContain("exit code 10 matching FailJob rule");
    expect(
      kubelet.log().filter((line) => line.startsWith("pre-job/") && line.includes("exit 10")),
    ).toHaveLength(1);
    expect(await refusalEvent(cluster(), app.name)).toContain("signature/missing");
  });

  it("goes by the same for an Application outside of Argo CD's own namespace", async () => {
    const unsigned = await push("refused anywhere");
    await cluster().kubectlOk(["create", "namespace", "team-a"]);
    const { app, commit, deployed } = await aTeam("pre-anywhere", { namespace: "team-a" });
    await commit(unsigned);
    expect((await sync(app, "team-a")).code).toBe(1);
    expect(await deployed()).toBe(signed);
    expect(hookMessage(await app.status())).toContain(toldImage(unsigned));
    expect(await refusalEvent(cluster(), app.name, "team-a")).toContain(toldImage(unsigned));
  });

  it("judges what --local brings, and not what git has", async () => {
    const unsigned = await push("refused of --local");
    await aNamespace("pre-local");
    const [team, local] = await Promise.all(
      [signed, unsigned].map((image) => makeRepository([webDeployment(image), hookOf("Pod")])),
    );
    repositories.push(team!, local!);
    const options = { name: "pre-local", repositories: [team!.url], destination: "pre-local" };
    const app = await createApplication(cluster(), options);
    expect((await sync(app)).code).toBe(0);
    const flags = ["--local", local!.folder, "--timeout", "60"];
    expect((await argoCd().argocd(["app", "sync", app.name, ...flags])).code).toBe(1);
    expect(hookMessage(await app.status())).toContain(toldImage(unsigned));
    expect(await deployedImage(cluster(), "pre-local")).toBe(signed);
  });

  it("goes on after a waiver that is granted between two tries of a sync", async () => {
    const unsigned = await push("waived");
    const { app, commit, deployed } = await aTeam("pre-waived", {
      retry: { limit: 5, backoff: { duration: "2s", factor: 1 } },
    });
    await commit(unsigned);
    await argoCd().argocd([
      "app",
      "sync",
      app.name,
      "--async",
      "--retry-limit",
      "5",
      "--retry-backoff-duration",
      "2s",
    ]);
    await app.until("a refusal", ({ operationState }) => (operationState?.retryCount ?? 0) > 0 || undefined);
    expect(await deployed()).toBe(signed);
    await gate.setWaivers(signatureWaiver(unsigned));
    await app.until("success", ({ operationState }) => operationState?.phase === "Succeeded" || undefined);
    expect(await deployed()).toBe(unsigned);
    await gate.setWaivers();
  });

  it("gives 11 while the gate is down, is retried, and then refuses", async () => {
    const unsigned = await push("down");
    const { app, commit, deployed } = await aTeam("pre-down", { kind: "Job" });
    await commit(unsigned);
    await gate.down();
    try {
      await argoCd().argocd(["app", "sync", app.name, "--async"]);
      await eventually("exit code 11", () => ended("pre-down", "exit 11"), 60_000);
      expect(await deployed()).toBe(signed);
    } finally {
      await gate.up();
    }
    await eventually("a refusal", () => ended("pre-down", "exit 10"), 60_000);
    await app.until("the end", ({ operationState }) => operationState?.phase === "Failed" || undefined);
    expect(await deployed()).toBe(signed);
  });

  it("does not answer a Job that carries the tracking id of another's hook", async () => {
    await aTeam("pre-forged", { kind: "Job" });
    const object = structuredClone(
      gateHook(gate, { kind: "Job", image: hook, timeout: TIMEOUT }),
    ) as ForgedJob;
    object.metadata = {
      name: "forged",
      namespace: "pre-forged",
      annotations: { "argocd.argoproj.io/tracking-id": `pre-forged:batch/Job:pre-forged/${GATE_HOOK}` },
    };
    await cluster().kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
    const line = await eventually("its end", () => ended("pre-forged/forged", "exit"), 60_000);
    expect(line).toContain("exit 11 unknown");
  });

  it("brings in no image that was not judged where a retry takes a newer revision", async () => {
    const unsigned = await push("refreshed");
    const { app, deployed } = await aTeam("pre-refreshed", {
      retry: { limit: 4, backoff: { duration: "3s", factor: 1 }, refresh: true },
    });
    const team = repositories.at(-2)!;
    const broken = webDeployment(signed, "broken") as { spec: { selector: unknown } };
    broken.spec.selector = { matchLabels: { app: "another" } };
    await app.refresh(await team.commit([webDeployment(signed), broken]));
    const patch = { spec: { syncPolicy: { automated: {} } } };
    await cluster().kubectlOk([
      "-n",
      "argocd",
      "patch",
      "application",
      app.name,
      "--type",
      "merge",
      "-p",
      JSON.stringify(patch),
    ]);
    await app.until("a try that failed after its hook", ({ operationState }) => {
      return (
        ((operationState?.retryCount ?? 0) > 0 && operationState?.message?.includes("selector")) || undefined
      );
    });
    await team.commit([webDeployment(unsigned)]);
    // Argo CD 3.2 takes over results of the try before, so that the hook runs again, or nothing is applied at all.
    await app.until("the end or a refusal", ({ operationState }) => {
      return (
        operationState?.phase !== "Running" || ended("pre-refreshed", "exit 10") !== undefined || undefined
      );
    });
    expect(await deployed()).toBe(signed);
  });

  function ended(namespace: string, how: string): string | undefined {
    return kubelet.log().find((line) => line.startsWith(namespace) && line.includes(how));
  }
});

interface TeamOptions {
  /** Where the Application itself lies. */
  readonly namespace?: string;
  readonly kind?: "Job" | "Pod";
  readonly retry?: object;
}

interface ForgedJob {
  metadata: object;
}

/** What Argo CD shows of the hook. */
function hookMessage({ operationState }: ApplicationStatus): string | undefined {
  return operationState?.syncResult?.resources?.find(({ name }) => name === GATE_HOOK)?.message;
}

function sync({ name }: RunningApplication, namespace = "argocd"): ReturnType<ArgoCd["argocd"]> {
  return argoCd().argocd(["app", "sync", name, "--app-namespace", namespace, "--timeout", "60"]);
}
