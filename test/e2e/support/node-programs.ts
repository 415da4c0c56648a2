import { dirname, join } from "node:path";

import { runOrThrow } from "./process.ts";
import { CLUSTER_SCRIPTS } from "./programs.ts";

/** The programs of a cluster that this machine's node runs, from the kubelet to etcd, and the node's own name spaces. */
export interface NodePrograms {
  /** Runs a command of bash inside the node; throws where it fails. Returns what it printed. */
  readonly inside: (command: string) => Promise<string>;
  /** Ends programs at once, as a crash does. */
  readonly kill: (...names: readonly string[]) => Promise<void>;
  /** Starts programs again as they were, in this order. */
  readonly start: (...names: readonly string[]) => Promise<void>;
  /** Stops or continues one without its noticing. */
  readonly signal: (name: string, signal: "STOP" | "CONT") => Promise<void>;
}

/** What runs a command inside the node of the cluster with this kubeconfig. */
export function insideNode(kubeconfig: string): readonly [string, ...string[]] {
  return [join(CLUSTER_SCRIPTS, "node/exec.sh"), dirname(kubeconfig)];
}

/** The programs of the node tier's cluster whose administrator's kubeconfig this is; not of a cluster of the user's own. */
export function nodePrograms(kubeconfig: string): NodePrograms {
  const state = dirname(kubeconfig);
  const pids = join(state, "node/pids"); // init.sh notes each as `PID NAME`; the last one counts
  const [program, ...args] = insideNode(kubeconfig);
  const inside = (command: string): Promise<string> =>
    runOrThrow(program, [...args, "bash", "-euc", command], { timeoutMs: 120_000 });
  const pidOf = (name: string): string => `$(awk '$2 == "${name}" { pid = $1 } END { print pid }' ${pids})`;
  const kept = (name: string): string => join(state, "node", `${name}.command`);
  return {
    inside,
    kill: async (...names) => {
      for (const name of names) {
        await inside(
          `pid=${pidOf(name)}; cp /proc/$pid/cmdline ${kept(name)}; kill -KILL $pid; ` +
            `while grep -qsv Z <(awk '$1 == "State:" { print $2 }' /proc/$pid/status 2> /dev/null); do sleep 0.05; done`,
        );
      }
    },
    start: async (...names) => {
      for (const name of names) {
        await inside(
          `mapfile -d '' -t command < ${kept(name)}; ` +
            `setsid "\${command[@]}" >> ${join(state, "log", `${name}-again.log`)} 2>&1 < /dev/null & echo "$! ${name}" >> ${pids}`,
        );
      }
    },
    signal: async (name, signal) => void (await inside(`kill -${signal} ${pidOf(name)}`)),
  };
}
