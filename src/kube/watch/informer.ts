import { setTimeout as sleep } from "node:timers/promises";

import type { KubeClient } from "../client/client.ts";
import { KubeError } from "../client/kube-error.ts";
import { listAll, type ListSource, partsWithin, sourceQuery } from "../client/list-all.ts";
import { reporter } from "../reporter.ts";
import { createObjectStore, type ObjectStore, type Reader, type StoreHandlers } from "./object-store.ts";
import { watchEvents, type WatchEvent } from "./watch-events.ts";

/** How patient an informer is; milliseconds. */
export interface InformerTiming {
  /** First and longest pause before another try. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Everything is listed again after this time, whatever the watch said. */
  readonly relistMs: number;
  /** A watch that says nothing for so long is opened again: its connection may be dead. */
  readonly silenceMs: number;
  /** A watch that lived so long was a good one: the next is opened without a pause. */
  readonly goodLifeMs: number;
}

const TIMING: InformerTiming = {
  firstPauseMs: 1000,
  longestPauseMs: 30_000,
  relistMs: 10 * 60_000,
  silenceMs: 30_000,
  goodLifeMs: 1000,
};

/** What an informer knows about how fresh its view is. */
export interface Freshness {
  /** Whether a whole list has been read once. */
  readonly synced: () => boolean;
  /** Milliseconds since the view was last known to be that of the API server; infinite before the first list. */
  readonly ageMs: () => number;
  /** Milliseconds since the last whole list; infinite before the first. */
  readonly listAgeMs: () => number;
}

/** A view of some objects that follows the API server until it is stopped. */
export interface Informer<T> extends Freshness {
  readonly get: (name: string, namespace?: string) => T | undefined;
  readonly all: () => Iterable<T>;
  /** Nothing is delivered after it, and nothing of the informer runs on. */
  readonly stop: () => void;
}

/** What to follow, how to read it, and whom to tell. */
export interface InformerOptions<T> extends StoreHandlers<T> {
  readonly client: KubeClient;
  readonly source: ListSource;
  readonly read: Reader<T>;
  /** After every list that succeeded, once its changes have been delivered. */
  readonly onList?: () => void;
  /** Anything that went wrong; the informer continues by itself. */
  readonly onTrouble: (error: KubeError) => void;
  readonly timing?: Partial<InformerTiming>;
}

/**
 * Follows objects by list and watch (Kubernetes API concepts, "Efficient detection of changes"), for ever: every
 * failure is reported and followed by another try. Never throws and never leaves a rejection unhandled, whatever the
 * handlers do.
 */
export function startInformer<T>(options: InformerOptions<T>): Informer<T> {
  const stopped = new AbortController();
  const report = reporter(`following ${options.source.path}`, options.onTrouble);
  const onTrouble = (error: unknown): void => {
    if (!stopped.signal.aborted) report(error); // after a stop, the request that it ended fails
  };
  const guarded = <A extends readonly unknown[]>(handler?: (...args: A) => void): ((...args: A) => void) => {
    return (...args) => {
      if (!stopped.signal.aborted) attempt(() => handler?.(...args), onTrouble);
    };
  };
  const store = createObjectStore({ read: options.read, onChange: guarded(options.onChange), onTrouble });
  const follower: Follower = {
    ...options,
    store,
    onTrouble,
    onList: guarded(options.onList),
    timing: { ...TIMING, ...options.timing },
    signal: stopped.signal,
    listedAt: -Infinity,
    seenAt: -Infinity,
    version: undefined,
  };
  void follow(follower); // catches everything itself
  return {
    get: store.get,
    all: store.all,
    synced: () => follower.listedAt > -Infinity,
    ageMs: () => performance.now() - follower.seenAt,
    listAgeMs: () => performance.now() - follower.listedAt,
    stop: () => stopped.abort(),
  };
}

function attempt(action: () => void, onTrouble: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    onTrouble(error);
  }
}

interface Follower {
  readonly client: KubeClient;
  readonly source: ListSource;
  readonly store: ObjectStore<unknown>;
  readonly onList: () => void;
  readonly onTrouble: (error: unknown) => void;
  readonly timing: InformerTiming;
  readonly signal: AbortSignal;
  /** Of `performance.now()`. */
  listedAt: number;
  seenAt: number;
  /** Where the watch continues; undefined where a list is due. */
  version: string | undefined;
}

/** One loop, so that no two lists or watches of an informer ever run at once. */
async function follow(follower: Follower): Promise<void> {
  let failures = 0;
  while (!follower.signal.aborted) {
    const wasGood = await followOnce(follower);
    failures = wasGood ? 0 : failures + 1;
    if (failures > 0) await pause(follower, failures);
  }
}

async function pause({ timing, signal }: Follower, failures: number): Promise<void> {
  const longest = Math.min(timing.longestPauseMs, timing.firstPauseMs * 2 ** Math.min(failures - 1, 20));
  const jittered = longest * (0.5 + Math.random() / 2); // so that replicas don't come back all at once
  await sleep(jittered, undefined, { signal }).catch(() => undefined);
}

/** Lists where that is due, and watches until the watch ends; true where it lived long enough to be a good one. */
async function followOnce(follower: Follower): Promise<boolean> {
  let openedAt = Infinity;
  try {
    const due = follower.listedAt + follower.timing.relistMs;
    if (follower.version === undefined || performance.now() >= due) await list(follower);
    const { client, source } = follower;
    const parts = partsWithin(source, ["object"], [["type"], ["object", "code"]]);
    const events = watchEvents(await openWatch(follower), (line) => client.read(line, parts));
    openedAt = performance.now();
    follower.seenAt = openedAt;
    for await (const event of events) take(follower, event);
  } catch (error) {
    onEnd(follower, error);
  }
  return performance.now() - openedAt >= follower.timing.goodLifeMs;
}

async function list(follower: Follower): Promise<void> {
  const taken = follower.store.list();
  const version = await listAll(follower.client, follower.source, taken.take);
  if (follower.signal.aborted) return;
  taken.done();
  follower.version = version;
  follower.listedAt = performance.now();
  follower.seenAt = follower.listedAt;
  follower.onList();
}

function openWatch({
  client,
  source,
  version,
  timing,
  signal,
  listedAt,
}: Follower): Promise<AsyncIterable<unknown>> {
  const left = Math.max(listedAt + timing.relistMs - performance.now(), 1000);
  return client.stream({
    path: source.path,
    query: {
      ...sourceQuery(source),
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: version ?? "",
      timeoutSeconds: String(Math.ceil(left / 1000)),
    },
    ...(source.accept !== undefined && { accept: source.accept.object }),
    silenceMs: timing.silenceMs,
    signal,
  });
}

function take(follower: Follower, { type, object }: WatchEvent): void {
  if (type === "ERROR") throw new KubeError("the watch reports an error", { status: object.code ?? 500 });
  const version = type === "BOOKMARK" ? follower.store.versionOf(object) : follower.store.apply(type, object);
  if (version !== undefined) follower.version = version;
  follower.seenAt = performance.now();
}

/**
 * A watch may continue where it was only after silence or a lost connection. After anything else the view may be wrong,
 * so everything is listed again. 410 is ordinary: the history is shorter than the pause was.
 */
function onEnd(follower: Follower, error: unknown): void {
  if (isSilence(error)) return;
  const wasAnswered = error instanceof KubeError;
  if (wasAnswered) follower.version = undefined;
  if (!wasAnswered || error.status !== 410) follower.onTrouble(error);
}

function isSilence(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "UND_ERR_BODY_TIMEOUT";
}
