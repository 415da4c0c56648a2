import { asFault } from "../core/index.ts";
import type { GateReplica, SwitchCluster } from "./ports.ts";

const PAUSE_MS = 200;

/** One replica, and whether it decides by the document. */
export interface FollowingReplica {
  readonly name: string;
  readonly follows: boolean;
  /** When it was first seen to, ms after the beginning; absent where it was not. */
  readonly afterMs?: number;
  /** Why it is not known, or what it has; absent where it follows. */
  readonly why?: string;
}

/** What came of waiting. */
export interface Following {
  readonly replicas: readonly FollowingReplica[];
  /** Whether every replica follows, and there is one. */
  readonly isComplete: boolean;
  /** Whether one of them answered at all. */
  readonly isAnswered: boolean;
  /** Whether one of them is ready, as the API server knows it. */
  readonly isOneReady: boolean;
  /** Until the last one answered with it, or until the waiting was given up. */
  readonly tookMs: number;
}

/** How to wait. */
export interface FollowOptions {
  readonly cluster: Pick<SwitchCluster, "replicas">;
  /** Of the document that was written. */
  readonly digest: string;
  readonly limitMs: number;
  /** A clock that only rises, ms. */
  readonly elapsed: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Called when what is known of the replicas has changed. */
  readonly onProgress?: (replicas: readonly FollowingReplica[]) => void;
}

/** Asks every replica until each answers with the document, or the limit is over. Replicas that stop are not waited for. */
export async function followReplicas(options: FollowOptions): Promise<Following> {
  const { cluster, limitMs, elapsed, sleep, onProgress } = options;
  const began = elapsed();
  const seen = new Map<string, number>();
  for (let told = ""; ;) {
    const found = await cluster.replicas();
    const lasting = found.filter(({ isTerminating }) => !isTerminating);
    const replicas = await Promise.all(lasting.map((each) => ask(each, options, { seen, began })));
    const isComplete = replicas.length > 0 && replicas.every(({ follows }) => follows);
    const tookMs = elapsed() - began;
    const now = JSON.stringify(replicas.map(({ name, follows }) => [name, follows]));
    if (now !== told) onProgress?.(replicas);
    told = now;
    if (isComplete || tookMs >= limitMs)
      return {
        replicas,
        isComplete,
        isAnswered: replicas.some(({ follows, why }) => follows || why === BEHIND),
        isOneReady: lasting.some(({ isReady }) => isReady),
        tookMs: isComplete ? Math.max(...replicas.map(({ afterMs = 0 }) => afterMs)) : tookMs,
      };
    await sleep(PAUSE_MS);
  }
}

const BEHIND = "it answers with another document";

interface Seen {
  readonly seen: Map<string, number>;
  readonly began: number;
}

async function ask(
  replica: GateReplica,
  { digest, elapsed }: FollowOptions,
  { seen, began }: Seen,
): Promise<FollowingReplica> {
  const { name } = replica;
  try {
    const state = await replica.ask();
    if (state.digest !== digest) return { name, follows: false, why: BEHIND };
    const afterMs = seen.get(name) ?? elapsed() - began;
    seen.set(name, afterMs);
    return { name, follows: true, afterMs };
  } catch (error) {
    const why = error instanceof Error ? error.message : asFault(error).message;
    return { name, follows: false, why };
  }
}
