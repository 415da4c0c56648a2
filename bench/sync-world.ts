import { startHelper } from "./helper-process.ts";

/** A sync that waits for its hook. */
export interface RunningSync {
  /** A commit; the gate renders each but once. */
  readonly revision: string;
  /** Each is rendered as a Deployment. */
  readonly images: readonly string[];
}

/** Where the two servers are. */
export interface SyncWorldReady {
  readonly kubeconfig: string;
  readonly argoCdUrl: string;
}

/** Requests since the start. */
export interface SyncWorldCounts {
  readonly api: number;
  readonly argoCd: number;
}

/** Stand-ins for the API server and for Argo CD, without any delay, in a process of their own. */
export interface SyncWorld extends SyncWorldReady {
  readonly document: (name: string, text: string) => Promise<void>;
  readonly sync: (sync: RunningSync) => Promise<void>;
  readonly counts: () => Promise<SyncWorldCounts>;
  readonly stop: () => void;
}

/** Starts both, with a hook that runs. */
export async function startSyncWorld(): Promise<SyncWorld> {
  const helper = startHelper("sync-world-process.ts");
  return {
    ...(await helper.call<SyncWorldReady>("ready")),
    document: (name, text) => helper.call("document", { name, text }),
    sync: (sync) => helper.call("sync", sync),
    counts: () => helper.call("counts"),
    stop: helper.stop,
  };
}
