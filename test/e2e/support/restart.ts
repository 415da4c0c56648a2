import { spawn } from "node:child_process";
import { appendFile, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { eventually } from "./process.ts";

/** A program of a cluster of the fast tier that this test started. */
export interface ClusterProgram {
  /** Ends it at once, as a crash does. */
  readonly kill: () => Promise<void>;
  /** Starts it again as it was; it ends with its cluster. */
  readonly start: () => Promise<void>;
}

/** The program `name` (`kube-apiserver`) of the cluster whose administrator's kubeconfig this is. */
export async function clusterProgram(kubeconfig: string, name: string): Promise<ClusterProgram> {
  const state = dirname(kubeconfig);
  const pids = join(state, "pids");
  const lines = (await readFile(pids, "utf8")).trim().split("\n");
  const pid = Number(lines.find((line) => line.endsWith(` ${name}`))?.split(" ")[0]);
  if (!Number.isInteger(pid)) throw new Error(`the cluster has no ${name}`);
  const [program = "", ...args] = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").slice(0, -1);
  return {
    async kill() {
      process.kill(pid, "SIGKILL");
      await eventually(`the end of ${name}`, async () => {
        const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone");
        return stat === "gone" || stat.includes(") Z ") ? true : undefined;
      });
    },
    async start() {
      const log = await open(join(state, "log", `${name}-again.log`), "a");
      const child = spawn(program, args, { detached: true, stdio: ["ignore", log.fd, log.fd] });
      child.unref();
      await log.close();
      await appendFile(pids, `${child.pid} ${name}\n`); // so that down.sh ends it
    },
  };
}
