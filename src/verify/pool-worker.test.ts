import { EventEmitter } from "node:events";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { PoolWorker, type Task } from "./pool-worker.ts";
import type { Outcome } from "./verify-attachment.ts";

const threads = vi.hoisted((): EventEmitter[] => []);

vi.mock("node:worker_threads", () => ({
  Worker: class extends EventEmitter {
    constructor() {
      super();
      threads.push(this);
    }
    postMessage(): void {}
    unref(): void {}
    terminate(): Promise<number> {
      return Promise.resolve(0);
    }
  },
}));

const LIMIT_MS = 2_000;

/** Tasks that are under way when the test ends are refused; that is another test's matter. */
const ignore = (): void => undefined;

let nextId = 0;

/** A task, and what becomes of it. */
function task(): { readonly task: Task; readonly outcomes: Outcome[] } {
  nextId += 1;
  const outcomes: Outcome[] = [];
  const job = {
    id: nextId,
    generation: "g1",
    attachment: { form: "cosign-sig", digest: `sha256:${"a".repeat(64)}` },
  };
  const resolve = (outcome: Outcome): void => void outcomes.push(outcome);
  return { task: { job, trust: {}, resolve, reject: ignore } as unknown as Task, outcomes };
}

function answerTo({ job }: Task, word: string): object {
  return { id: job.id, outcome: { word } };
}

describe("a worker of the pool", () => {
  let worker: PoolWorker;

  beforeEach(() => {
    vi.useFakeTimers();
    threads.length = 0;
    worker = new PoolWorker({ limitMs: LIMIT_MS, heapMib: 64, onIdle: () => undefined });
  });

  afterEach(async () => {
    await worker.close();
    vi.useRealTimers();
  });

  it("settles a task with the answer to it", () => {
    const { task: first, outcomes } = task();
    worker.start(first);
    threads[0]!.emit("message", answerTo(first, "mine"));
    expect(outcomes).toEqual([{ word: "mine" }]);
    expect(worker.isIdle).toBe(true);
  });

  it("never takes the late answer of a thread that it gave up on for the answer to the next task", () => {
    const late = task();
    const next = task();
    worker.start(late.task);
    vi.advanceTimersByTime(LIMIT_MS);
    worker.start(next.task);
    threads[0]!.emit("message", answerTo(late.task, "too late"));
    expect(next.outcomes).toEqual([]);
    expect(late.outcomes).toHaveLength(1);
    threads[1]!.emit("message", answerTo(next.task, "mine"));
    expect(next.outcomes).toEqual([{ word: "mine" }]);
  });

  it("takes no answer of its own thread to another task either", () => {
    const { task: asked, outcomes } = task();
    worker.start(asked);
    threads[0]!.emit("message", { id: asked.job.id - 1, outcome: { word: "of another" } });
    expect(outcomes).toEqual([]);
  });

  it("is not disturbed by the end of a thread that it gave up on", () => {
    const late = task();
    const next = task();
    worker.start(late.task);
    vi.advanceTimersByTime(LIMIT_MS);
    worker.start(next.task);
    threads[0]!.emit("exit", 1);
    expect(next.outcomes).toEqual([]);
    expect(threads).toHaveLength(2);
  });
});
