import type { Cluster } from "../e2e/support/cluster.ts";
import { RELEASE } from "../e2e/support/gate-release.ts";
import type { NodePrograms } from "../e2e/support/node-programs.ts";
import { eventually } from "../e2e/support/process.ts";

/** One running replica of the gate. */
export interface Replica {
  readonly name: string;
  readonly address: string;
  /** Of its process, as the node sees it. */
  readonly pid: number;
}

/** The replicas of the gate, and what can be done to their processes. */
export interface Replicas {
  /** Those that are ready. */
  readonly list: () => Promise<readonly Replica[]>;
  /** Whether there are two, and both are ready. */
  readonly areComplete: () => Promise<boolean>;
  readonly signal: (replica: Replica, signal: "KILL" | "STOP" | "CONT") => Promise<void>;
  /** Writes a file in a replica's scratch folder, or takes it away where there is no text. */
  readonly write: (replica: Replica, path: string, text: string | undefined) => Promise<void>;
  /** Waits until both are ready. */
  readonly settled: () => Promise<void>;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly containerID?: string }[];
  };
}

const COUNT = 2;
const SETTLE_MS = 180_000;

/** Finds the replicas by the API server and their processes by containerd. */
export function replicasOf({ kubectl }: Cluster, { inside }: NodePrograms): Replicas {
  async function readyPods(): Promise<readonly Pod[]> {
    const { code, stdout } = await kubectl(["-n", RELEASE, "get", "pods", "-o", "json"]);
    if (code !== 0) return [];
    const { items } = JSON.parse(stdout) as { readonly items: readonly Pod[] };
    return items.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status.containerStatuses?.[0]?.ready === true,
    );
  }

  async function list(): Promise<readonly Replica[]> {
    const pods = await readyPods();
    const tasks = await inside("ctr -n k8s.io tasks ls");
    return pods.map(({ metadata: { name }, status }) => {
      const id = status.containerStatuses?.[0]?.containerID?.replace("containerd://", "") ?? "";
      const pid = Number(new RegExp(`^${id}\\s+(\\d+)`, "m").exec(tasks)?.[1]);
      return { name, address: status.podIP ?? "", pid };
    });
  }

  const areComplete = async (): Promise<boolean> => (await readyPods()).length === COUNT;
  return {
    list,
    areComplete,
    signal: async ({ pid }, signal) => void (await inside(`kill -${signal} ${pid}`)),
    write: async ({ pid }, path, text) => {
      const file = `/proc/${pid}/root${path}`;
      await inside(text === undefined ? `rm -f ${file}` : `printf %s '${text}' > ${file}`);
    },
    settled: async () =>
      void (await eventually("both replicas", async () => (await areComplete()) || undefined, SETTLE_MS)),
  };
}
