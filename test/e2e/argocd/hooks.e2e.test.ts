import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { preSyncHook } from "../support/argocd-hooks.ts";
import { type StandInKubelet, startStandInKubelet } from "../support/argocd-kubelet.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { setScene, WAYS } from "../support/argocd-ways.ts";
import { deployedImage } from "../support/argocd-workloads.ts";
import { cluster } from "../support/scenario.ts";

const OLD = `registry.example/web@sha256:${"1".repeat(64)}`;
const NEXT = `registry.example/web@sha256:${"2".repeat(64)}`;

describe.skipIf(argoCdObstacle)("what a PreSync hook sees", () => {
  let kubelet: StandInKubelet;
  let switches: string;
  beforeAll(async () => {
    kubelet = startStandInKubelet(cluster());
    switches = await mkdtemp(join(tmpdir(), "mc-switch-"));
  });
  afterAll(async () => {
    await kubelet?.stop();
    await rm(switches, { recursive: true, force: true });
  });

  it.for(WAYS.map((way, index) => ({ ...way, app: `way-${index}` })))(
    "$name: skips the hook: $skipsHooks",
    async ({ app: name, ...way }, { onTestFailed }) => {
      onTestFailed(() => console.log(kubelet.log()));
      const file = join(switches, name);
      const container = { command: ["sh", "-c", `! test -e ${file}`] };
      const others = [preSyncHook({ kind: "Pod", name: "check", container })];
      const scene = await setScene(way, {
        cluster: cluster(),
        argo: argoCd(),
        name,
        old: OLD,
        next: NEXT,
        others,
      });
      await writeFile(file, "");
      const before = (await scene.app.status()).operationState?.startedAt;
      await way.start(scene);
      const { phase } = await scene.app.until("the end of another sync", ({ operationState: state }) => {
        return state && state.startedAt !== before && state.phase !== "Running" ? state : undefined;
      });
      const image = await deployedImage(cluster(), name);
      expect([phase, image]).toEqual(way.skipsHooks ? ["Succeeded", NEXT] : ["Failed", OLD]);
      await scene.team.remove();
    },
  );
});
