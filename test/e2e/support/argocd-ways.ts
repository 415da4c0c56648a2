import { createApplication, type RunningApplication } from "./argocd-application.ts";
import { type GitRepository, makeRepository } from "./argocd-repository.ts";
import { webDeployment } from "./argocd-workloads.ts";
import type { ArgoCd } from "./argocd.ts";
import type { Cluster } from "./cluster.ts";
import type { Outcome } from "./process.ts";

/** What the scenes are played with. */
interface SceneOptions {
  readonly cluster: Cluster;
  readonly argo: ArgoCd;
  readonly name: string;
  /** The image that runs, and the one that a sync would bring. */
  readonly old: string;
  readonly next: string;
  /** What else is in git. */
  readonly others?: readonly object[];
}

/** An Application that runs one image while a sync would bring another. */
export interface Scene extends SceneOptions {
  readonly app: RunningApplication;
  readonly team: GitRepository;
  /** The revision that a sync would bring. */
  readonly revision: string;
}

/** A way to start a sync of an Argo CD Application. */
export interface Way {
  readonly name: string;
  /** Whether Argo CD leaves out hooks in such a sync. */
  readonly skipsHooks: boolean;
  readonly automated?: object;
  /** What is in git, revision by revision; all are synced but those from `pending` on. Default: old, next. */
  readonly history?: readonly ("old" | "next")[];
  readonly pending?: number;
  /** Starts it; gives what the person who did it sees, where a person does. */
  readonly start: (scene: Scene) => Promise<Outcome | undefined>;
}

/** By default Argo CD tries five times, over minutes. */
const RETRY = { limit: 1, backoff: { duration: "1s" } };

/** Sets the scene for a way: everything before its sync, which nothing may hold up yet. */
export async function setScene(way: Way, options: SceneOptions): Promise<Scene> {
  const { cluster, name, others = [] } = options;
  const { history = ["old", "next"], pending = 1, automated } = way;
  const objectsAt = (step: number) => [webDeployment(options[history[step] ?? "old"]), ...others];
  const team = await makeRepository(objectsAt(0));
  const repositories = [team.url];
  const app = await createApplication(cluster, {
    name,
    repositories,
    destination: name,
    ...(automated && { automated, retry: RETRY }),
  });
  let revision = "";
  for (let step = 0; step < history.length; step += 1) {
    if (step > 0) revision = await team.commit(objectsAt(step));
    if (step < pending) await deploy(options, app, revision, automated !== undefined);
  }
  if (pending < history.length && !automated) await app.refresh(revision);
  return { ...options, app, team, revision };
}

/** Waits until the newest revision is in the cluster, and starts the sync for that where Argo CD does not. */
async function deploy(
  { argo }: SceneOptions,
  app: RunningApplication,
  revision: string,
  byItself: boolean,
): Promise<void> {
  if (revision) await app.refresh(revision);
  if (!byItself) await argo.argocd(["app", "sync", app.name, "--timeout", "60"]);
  await app.until("the first version", ({ sync, operationState }) => {
    return (sync?.status === "Synced" && operationState?.phase === "Succeeded") || undefined;
  });
}

function syncWith({ argo, app }: Scene, ...flags: string[]): Promise<Outcome> {
  return argo.argocd(["app", "sync", app.name, "--timeout", "60", ...flags]);
}

/** Starts a sync past Argo CD's API server, with a spec that names the commit. */
async function patchUnnamed({ cluster, app, revision }: Scene, operation: object): Promise<Outcome> {
  const patch = {
    spec: { source: { targetRevision: revision } },
    operation,
    status: { operationState: null },
  };
  const flags = ["--type", "merge", "-p", JSON.stringify(patch)];
  return cluster.kubectl(["-n", "argocd", "patch", "application", app.name, ...flags]);
}

/** Every way: by a person through Argo CD, by a person past it, and by Argo CD itself. */
export const WAYS: readonly Way[] = [
  { name: "argocd app sync", skipsHooks: false, start: (scene) => syncWith(scene) },
  {
    name: "argocd app sync --resource",
    skipsHooks: true,
    start: (scene) => syncWith(scene, "--resource", "apps:Deployment:web"),
  },
  {
    name: "argocd app sync --strategy apply",
    skipsHooks: true,
    start: (scene) => syncWith(scene, "--strategy", "apply"),
  },
  {
    name: "argocd app sync --local",
    skipsHooks: false,
    start: (scene) => syncWith(scene, "--local", scene.team.folder),
  },
  {
    name: "argocd app rollback",
    skipsHooks: true,
    history: ["next", "old"],
    pending: 2,
    start: async ({ argo, app }) => argo.argocd(["app", "rollback", app.name, "0", "--timeout", "60"]),
  },
  {
    name: "kubectl patch of .operation",
    skipsHooks: false,
    start: async ({ cluster, app, revision }) => {
      // What is left of the last operation counts as done by this one, unless it is cleared, as Argo CD itself does.
      const status = { operationState: null };
      const patch = { operation: { initiatedBy: { username: "someone" }, sync: { revision } }, status };
      const flags = ["--type", "merge", "-p", JSON.stringify(patch)];
      return cluster.kubectl(["-n", "argocd", "patch", "application", app.name, ...flags]);
    },
  },
  {
    name: "ApplicationSet RollingSync, whose operation names nothing",
    skipsHooks: false,
    start: (scene) =>
      patchUnnamed(scene, {
        initiatedBy: { username: "applicationset-controller", automated: true },
        sync: {},
        // It takes the Application's own retries, and five where there are none: those would take minutes.
        retry: { limit: 1, backoff: { duration: "1s" } },
      }),
  },
  {
    name: "Kargo, whose operation names nothing",
    skipsHooks: false,
    start: (scene) =>
      patchUnnamed(scene, { initiatedBy: { username: "kargo-controller" }, sync: { revisions: [] } }),
  },
  {
    name: "auto-sync",
    skipsHooks: false,
    automated: {},
    start: async ({ app, revision }) => {
      await app.refresh(revision);
      return undefined;
    },
  },
  {
    name: "self-heal",
    skipsHooks: true,
    automated: { selfHeal: true },
    history: ["next"],
    start: async ({ cluster, app, old }) => {
      await cluster.kubectlOk(["-n", app.name, "set", "image", "deployment/web", `web=${old}`]);
      return undefined;
    },
  },
];
