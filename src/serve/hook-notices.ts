import { networkInterfaces } from "node:os";

import type { Logger } from "pino";

import {
  type GatePod,
  type HookNotice,
  type UnansweredHookDeps,
  unansweredHook,
  unstartedHook,
} from "../argocd/index.ts";
import type { HookEvent, KubeClient, TellEvent } from "../kube/index.ts";
import { podName } from "./pod-name.ts";

const MAX_UNDER_WAY = 8;
const MAX_STARTED = 1000;
/** A hook that reaches the gate has its answer by then, as a rule; one that does not gives up its first attempt later. */
const PATIENCE_MS = 8000;
/** The Job's own deadline. */
const MAX_AGE_MS = 180_000;

export interface HookNoticesOptions extends Omit<UnansweredHookDeps, "network"> {
  readonly client: KubeClient;
  readonly tellEvent: TellEvent;
  readonly log: Pick<Logger, "warn" | "debug">;
  /** How long a hook may run without an answer, ms. */
  readonly patienceMs?: number;
  readonly now?: () => Date;
}

/** Says on an Application why the hook that it waits for cannot start, or cannot reach the gate. Returns what ends it. */
export async function reportHooks(options: HookNoticesOptions): Promise<() => void> {
  const { createNetworkReader, watchHookEvents } = await import("../kube/index.ts");
  const { client, log } = options;
  const deps = { ...options, network: createNetworkReader(client) };
  const report = reporterOf(options);
  const started = createStarted(options, (event) => void report(event, () => unansweredHook(event, deps)));
  const watch = watchHookEvents({
    client,
    onEvent: (event) => {
      if (event.reason === "Started") started.add(event);
      else void report(event, () => unstartedHook(event, deps));
    },
    onTrouble: ({ message }) => log.warn({ message }, "watching Events of hooks failed; retrying"),
  });
  return () => {
    watch.stop();
    started.stop();
  };
}

type Reporter = (event: HookEvent, look: () => Promise<HookNotice | undefined>) => Promise<void>;

function reporterOf({ tellEvent, log }: HookNoticesOptions): Reporter {
  let underWay = 0;
  return async (event, look) => {
    if (underWay >= MAX_UNDER_WAY) {
      // What fails, fails again, and is said then.
      log.debug({ hook: `${event.namespace}/${event.name}` }, "too many hooks are being looked up already");
      return;
    }
    underWay += 1;
    try {
      const notice = await look();
      if (notice !== undefined) tellEvent(eventOf(notice));
    } catch (error) {
      const message = error instanceof Error ? error.message : "unknown failure";
      log.debug({ message }, "a hook could not be looked up");
    } finally {
      underWay -= 1;
    }
  };
}

function eventOf({ application, reason, note }: HookNotice): Parameters<TellEvent>[0] {
  const { uid, ...name } = application;
  const regarding = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    ...name,
    ...(uid && { uid }),
  };
  return { regarding, reason, action: "Judge", type: "Warning", note };
}

/** Hooks that have started, each read again when its time without an answer is over. */
function createStarted(
  { patienceMs = PATIENCE_MS, now = () => new Date(), log }: HookNoticesOptions,
  onPatienceOver: (event: HookEvent) => void,
): { readonly add: (event: HookEvent) => void; readonly stop: () => void } {
  const timers = new Map<string, NodeJS.Timeout>();
  return {
    add(event) {
      const age = event.at === undefined ? 0 : now().getTime() - event.at.getTime();
      if (age > MAX_AGE_MS || timers.has(event.uid) || !event.name.includes("mc-presync")) return;
      if (timers.size >= MAX_STARTED) {
        log.warn({ limit: MAX_STARTED }, "more hooks have started than are watched for an answer");
        return;
      }
      const over = (): void => {
        timers.delete(event.uid);
        onPatienceOver(event);
      };
      timers.set(event.uid, setTimeout(over, Math.max(patienceMs - Math.max(age, 0), 0)).unref());
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** Where the gate itself runs, if it does so as a pod of this cluster. Rejects where the cluster does not answer. */
export async function ownPod(
  read: UnansweredHookDeps["cluster"]["read"],
  { namespace, port }: Pick<GatePod, "namespace" | "port">,
): Promise<GatePod | undefined> {
  const pod = await read({ kind: "Pod", namespace, name: podName() });
  if (pod === undefined) return undefined;
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  );
  return { namespace, port, labels: pod.labels ?? {}, addresses };
}
