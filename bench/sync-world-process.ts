import { startFakeApiServer } from "../test/support/fake-api-server.ts";
import { startFakeArgoCd } from "../test/support/fake-argo-cd.ts";
import { anApplication, deployment, hookIdentity, putHook } from "../test/support/presync-world.ts";
import { answerCalls } from "./helper-process.ts";
import type { RunningSync, SyncWorldCounts, SyncWorldReady } from "./sync-world.ts";

const CONFIG_MAPS = "/api/v1/namespaces/mc-gate/configmaps";

const [api, argoCd] = await Promise.all([startFakeApiServer(), startFakeArgoCd()]);
api.identifies = hookIdentity;
putHook(api);
process.once("exit", () => void Promise.all([api.close(), argoCd.close()]));

function document({ name, text }: { readonly name: string; readonly text: string }): void {
  api.store.put(CONFIG_MAPS, { metadata: { name: `mc-gate-${name}` }, data: { [`${name}.yaml`]: text } });
}

/** One Deployment for each image, and an Application whose running operation lists the hook. */
function sync({ revision, images }: RunningSync): void {
  const objects = images.map((image, at) => ({ ...deployment(image), metadata: { name: `web-${at}` } }));
  argoCd.render = () => objects;
  argoCd.applications.set("argocd/web", anApplication({ result: { revision }, sync: { revision } }));
}

answerCalls({
  ready: (): SyncWorldReady => ({ kubeconfig: api.kubeconfig, argoCdUrl: argoCd.url }),
  document,
  sync,
  counts: (): SyncWorldCounts => ({ api: api.requests.length, argoCd: argoCd.questions.length }),
});
