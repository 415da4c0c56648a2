import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createApplication } from "../support/argocd-application.ts";
import { gateAuthority, gateHook, GATE_HOOK, MC_ENTRYPOINT } from "../support/argocd-gate-hook.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { type StandInKubelet, startStandInKubelet } from "../support/argocd-kubelet.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushText } from "../support/images.ts";
import { type Outcome, run } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const NAME = "adopted";

/** What `mc adopt argocd -o json` says of one Application. */
interface Told {
  readonly name: string;
  readonly hook: string;
  readonly by: string | null;
  readonly lastSync: string;
  readonly command?: string;
}

function sync(): Promise<Outcome> {
  return argoCd().argocd(["app", "sync", NAME, "--timeout", "60"]);
}

describe.skipIf(argoCdObstacle)("mc adopt argocd on a cluster's Applications", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let kubelet: StandInKubelet;
  let platform: GitRepository;
  let team: GitRepository;
  let folder: string;
  let signed: string;

  function push(text: string, isSigned = false): Promise<string> {
    return isSigned ? pushSigned(registry.host, text, keys) : pushText(registry.host, text);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mc-adopt-"));
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    signed = await push("signed", true);
    const hook = await push("hook", true);
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
    kubelet = startStandInKubelet(cluster(), { [hook]: MC_ENTRYPOINT });
    platform = await makeRepository([gateHook(gate, { kind: "Pod", image: hook, timeout: 9 })]);
    team = await makeRepository([webDeployment(signed)]);
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", NAME]);
    await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(gateAuthority(gate, NAME)) });
  });
  afterAll(async () => {
    await kubelet?.stop();
    await gate?.stop();
    await Promise.all([keys?.stop(), registry?.stop(), platform?.remove(), team?.remove()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** What the command says of the Application, from what kubectl prints of all. */
  async function adopt(...args: readonly string[]): Promise<Told> {
    const kinds = "applications.argoproj.io,applicationsets.argoproj.io,appprojects.argoproj.io";
    const file = join(folder, "live.json");
    await writeFile(file, await cluster().kubectlOk(["get", kinds, "-A", "-o", "json"]));
    const hook = ["--repo", platform.url, "--revision", "main", "--hook-path", "."];
    const [program = "", ...entrypoint] = MC_ENTRYPOINT;
    const call = [...entrypoint, "adopt", "argocd", "-f", file, ...hook, "-o", "json", ...args];
    const { stdout, stderr } = await run(program, call);
    const { applications } = JSON.parse(stdout || "{}") as { readonly applications?: readonly Told[] };
    const found = applications?.find(({ name }) => name === NAME);
    if (found === undefined) throw new Error(`${NAME} is not told of: ${stdout}${stderr}`);
    return found;
  }

  it("brings the hook into one that lacks it: what was applied before is refused from then on", async () => {
    const app = await createApplication(cluster(), {
      name: NAME,
      repositories: [team.url],
      destination: NAME,
    });
    const unsigned = await push("applied without a hook");
    await app.refresh(await team.commit([webDeployment(unsigned)]));
    expect((await sync()).code).toBe(0);
    expect(await deployedImage(cluster(), NAME)).toBe(unsigned);

    const out = join(folder, "patches");
    const told = await adopt("--out", out);
    expect(told).toMatchObject({ hook: "no", lastSync: "did-not-run" });
    const [, ...patch] = told.command?.split(" ") ?? [];
    await cluster().kubectlOk(patch);
    const again = await cluster().kubectl(patch);
    expect([again.code, (await adopt()).hook]).toEqual([1, "yes"]);

    await app.refresh(await team.commit([webDeployment(signed)]));
    const { code, stdout } = await sync();
    expect([code, stdout]).toEqual([0, expect.stringContaining(GATE_HOOK)]);
    expect(await adopt()).toMatchObject({ hook: "yes", by: "source", lastSync: "ran" });

    const refused = await push("refused by the hook");
    await app.refresh(await team.commit([webDeployment(refused)]));
    expect((await sync()).code).toBe(1);
    expect(await deployedImage(cluster(), NAME)).toBe(signed);
    const shown = await argoCd().argocd(["app", "get", NAME]);
    expect(shown.stdout).toContain("signature/missing");
  });
});
