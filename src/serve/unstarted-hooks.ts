import type { Logger } from "pino";

import { type UnstartedHookDeps, unstartedHook } from "../argocd/index.ts";
import type { KubeClient, TellEvent } from "../kube/index.ts";

const MAX_UNDER_WAY = 8;

export interface UnstartedHooksOptions extends UnstartedHookDeps {
  readonly client: KubeClient;
  readonly tellEvent: TellEvent;
  readonly log: Pick<Logger, "warn" | "debug">;
}

/** Says on an Application that the hook it waits for cannot start, and why. Returns what ends it. */
export async function reportUnstartedHooks(options: UnstartedHooksOptions): Promise<() => void> {
  const { client, tellEvent, log, ...deps } = options;
  const { watchUnstartedJobs } = await import("../kube/index.ts");
  let underWay = 0;
  const report = async (job: Parameters<typeof unstartedHook>[0]): Promise<void> => {
    if (underWay >= MAX_UNDER_WAY) return; // the controller fails again, and says so again
    underWay += 1;
    try {
      const notice = await unstartedHook(job, deps);
      if (notice === undefined) return;
      const { application, note } = notice;
      const { uid, ...name } = application;
      const regarding = {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        ...name,
        ...(uid && { uid }),
      };
      tellEvent({ regarding, reason: "HookNotStarted", action: "Judge", type: "Warning", note });
    } catch (error) {
      const message = error instanceof Error ? error.message : "unknown failure";
      log.debug({ message }, "a Job without a pod could not be looked up");
    } finally {
      underWay -= 1;
    }
  };
  const watch = watchUnstartedJobs({
    client,
    onFailure: (job) => void report(job),
    onTrouble: ({ message }) => log.warn({ message }, "watching Events of Jobs failed; retrying"),
  });
  return watch.stop;
}
