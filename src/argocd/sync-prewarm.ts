import { createBoundedMap, linkAbort } from "../core/index.ts";
import { warmAll, type WarmRequest } from "../gate/index.ts";
import { type Application, readApplication } from "./application.ts";
import type { ApplicationName, OperationDeps, SyncPrewarmDeps } from "./ports.ts";
import { argoCdAt, modesOf, type Target } from "./target/read-target.ts";
import { wantedTarget } from "./target/wanted-target.ts";

/** Few enough to leave room for the targets that someone waits for. */
const AT_ONCE = 2;
const IMAGES_AT_ONCE = 4;
const MAX_WAITING = 256;
const MAX_REMEMBERED = 10_000;
const MAX_MS = 120_000;
const FAILED_AGAIN_AFTER_MS = 5 * 60_000;

/** Renders targets of syncs that have not begun, and looks up the evidence of their images. */
export interface SyncPrewarm {
  /**
   * Says what an Application is out of sync with, as a text that is the same for the same target; undefined where it is in
   * sync, or gone. Returns at once. Each target has one turn; one that failed has another after five minutes at the soonest.
   */
  readonly offer: (application: ApplicationName, target: string | undefined) => void;
  readonly stop: () => void;
}

interface Offered {
  readonly application: ApplicationName;
  readonly target: string;
}

/** Nothing is waiting. At most two Applications have their turn at once, and 256 wait: one that comes on top has to come again. */
export function createSyncPrewarm(deps: SyncPrewarmDeps): SyncPrewarm {
  const { meter, operation } = deps;
  const stopped = new AbortController();
  const waiting = new Map<string, Offered>();
  const turns = rememberLastTurns(deps.now);
  let underWay = 0;

  const giveTurns = (): void => {
    for (const [key, offered] of waiting) {
      if (underWay >= AT_ONCE || stopped.signal.aborted) break;
      waiting.delete(key);
      underWay += 1;
      void takeTurn(key, offered); // catches everything itself
    }
    meter.waiting(waiting.size);
  };
  const takeTurn = async (key: string, { application, target }: Offered): Promise<void> => {
    const outcome = await getReady(application, deps, stopped.signal);
    underWay -= 1;
    if (outcome === "failed") turns.failed(key, target);
    if (outcome !== "nothing to do") meter.application(outcome);
    giveTurns();
  };

  return {
    stop: () => stopped.abort(),
    offer(application, target) {
      const key = `${application.namespace}/${application.name}`;
      if (target === undefined) {
        waiting.delete(key);
        turns.forget(key);
      } else if (!operation.exempt.includes(key) && !turns.had(key, target)) {
        if (waiting.size >= MAX_WAITING && !waiting.has(key)) return meter.application("dropped");
        turns.remember(key, target);
        waiting.set(key, { application, target });
      }
      giveTurns();
    },
  };
}

interface LastTurns {
  readonly had: (key: string, target: string) => boolean;
  readonly remember: (key: string, target: string) => void;
  readonly failed: (key: string, target: string) => void;
  /** An Application that is in sync again has another turn when it no longer is; but a failure is not forgotten so soon. */
  readonly forget: (key: string) => void;
}

function rememberLastTurns(now: () => Date): LastTurns {
  const known = createBoundedMap<{ readonly target: string; readonly failedAt?: number }>(MAX_REMEMBERED);
  const isRecent = (failedAt: number): boolean =>
    Math.abs(now().getTime() - failedAt) < FAILED_AGAIN_AFTER_MS; // a clock that was set back must not make it last
  return {
    had(key, target) {
      const turn = known.get(key);
      if (turn?.target !== target) return false;
      return turn.failedAt === undefined || isRecent(turn.failedAt);
    },
    remember: (key, target) => known.set(key, { target }),
    failed(key, target) {
      if (known.get(key)?.target === target) known.set(key, { target, failedAt: now().getTime() });
    },
    forget(key) {
      if (known.get(key)?.failedAt === undefined) known.delete(key);
    },
  };
}

/** Never rejects, and says nothing of why: anyone who starts the sync learns why. */
async function getReady(
  name: ApplicationName,
  { operation, targets, warm, read, meter }: SyncPrewarmDeps,
  stopped: AbortSignal,
): Promise<"ready" | "failed" | "nothing to do"> {
  const { signal, release } = linkAbort(stopped, MAX_MS);
  try {
    const object = await read(name);
    if (object === undefined) return "nothing to do";
    const application = readApplication(object);
    const { status, ...declared } = application.status?.sync ?? {};
    if (status !== "OutOfSync") return "nothing to do";
    const argoCd = argoCdAt(name.namespace, operation);
    const { sources } = application.spec; // which auto-sync, the UI and the CLI name
    const wanted = wantedTarget(application, { ...declared, sources });
    // What moves is rendered for its sync alone.
    if (wanted.kind === "render" && wanted.moving.some(({ isNamed }) => !isNamed)) return "failed";
    const target = await targets.find({ argoCd, application, wanted }, signal);
    const images = imagesIn(target, application, operation);
    await warmAll(images, { warm, atOnce: IMAGES_AT_ONCE, signal, onOutcome: meter.image });
    return signal.aborted ? "failed" : "ready";
  } catch {
    return "failed";
  } finally {
    release();
  }
}

/** Each image of each namespace once; those of namespaces whose mode is off are not checked. */
function imagesIn(target: Target, application: Application, operation: OperationDeps): WarmRequest[] {
  const modeOf = modesOf(target, application, operation);
  const groups = target.groups.filter(({ namespace }) => modeOf(namespace) !== "off");
  return groups.flatMap(({ namespace, access, subjects }) =>
    [...new Set(subjects.map(({ image }) => image))].map((image) => ({ image, namespace, access })),
  );
}
