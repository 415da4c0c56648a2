import { EventEmitter } from "node:events";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Fault } from "../../core/index.ts";
import type { Outcome } from "../verify-attachment.ts";
import { PoolWorker, type Task } from "./pool-worker.ts";

const threads = vi.hoisted((): EventEmitter[] => []);
const machine = vi.hoisted(() => ({ hasThreads: true }));

vi.mock("node:worker_threads", () => ({
  Worker: class extends EventEmitter {
    constructor() {
      super();
      if (!machine.hasThreads) throw new Error("ERR_WORKER_INIT_FAILED EAGAIN");
      threads.push(this);
    }
    /** As much as the clock says, unless the machine gives it none. */
    cpuUsage(): Promise<{ user: number; system: number }> {
      return Promise.resolve({ user: isStarved ? 0 : performance.now() * 1000, system: 0 });
    }
    postMessage(): void {}
    unref(): void {}
    terminate(): Promise<number> {
      return Promise.resolve(0);
    }
  },
}));

const LIMIT_MS = 2_000;

let isStarved = false;

let nextId = 0;

/** A task, and what becomes of it. */
function task(): { readonly task: Task; readonly outcomes: Outcome[]; readonly faults: Fault[] } {
  nextId += 1;
  const outcomes: Outcome[] = [];
  const faults: Fault[] = [];
  const job = {
    id: nextId,
    generation: "g1",
    attachment: { form: "cosign-sig", digest: `sha256:${"a".repeat(64)}`, annotations: {} },
  };
  const resolve = (outcome: Outcome): void => void outcomes.push(outcome);
  const reject = (fault: Fault): void => void faults.push(fault);
  return { task: { job, trust: {}, resolve, reject } as unknown as Task, outcomes, faults };
}

function answerTo({ job }: Task, word: string): object {
  return { id: job.id, outcome: { word } };
}

describe("a worker of the pool", () => {
  let worker: PoolWorker;

  beforeEach(() => {
    vi.useFakeTimers();
    threads.length = 0;
    isStarved = false;
    machine.hasThreads = true;
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

  it("rejects what uses up its processor time, as a word about the attachment", async () => {
    const { task: late, outcomes, faults } = task();
    worker.start(late);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 1.5);
    expect(outcomes).toMatchObject([{ kind: "rejection", rejection: { reason: "too-large" } }]);
    expect(faults).toEqual([]);
  });

  it("waits for a thread that gets no processor, and says nothing about the attachment in the end", async () => {
    isStarved = true;
    const { task: late, outcomes, faults } = task();
    worker.start(late);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 10);
    expect([outcomes, faults, worker.isIdle]).toEqual([[], [], false]);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 10);
    expect([outcomes, worker.isIdle]).toEqual([[], true]);
    expect(faults).toMatchObject([{ code: "limits/overloaded" }]);
  });

  it("takes the answer of a thread that was late for want of a processor", async () => {
    isStarved = true;
    const { task: late, outcomes } = task();
    worker.start(late);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 10);
    threads[0]!.emit("message", answerTo(late, "mine"));
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 10);
    expect([outcomes, threads.length]).toEqual([[{ word: "mine" }], 1]);
  });

  it("never takes the late answer of a thread that it gave up on for the answer to the next task", async () => {
    const late = task();
    const next = task();
    worker.start(late.task);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 1.5);
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

  it("is not disturbed by the end of a thread that it gave up on", async () => {
    const late = task();
    const next = task();
    worker.start(late.task);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 1.5);
    worker.start(next.task);
    threads[0]!.emit("exit", 1);
    expect(next.outcomes).toEqual([]);
    expect(threads).toHaveLength(2);
  });

  it("gives its thread up when it is told to rest, but not in the middle of a task", () => {
    const [first, second] = [task(), task()];
    worker.start(first.task);
    worker.rest();
    threads[0]!.emit("message", answerTo(first.task, "first"));
    expect(first.outcomes).toMatchObject([{ word: "first" }]);
    worker.rest();
    worker.start(second.task);
    threads[0]!.emit("exit");
    threads[1]!.emit("message", answerTo(second.task, "second"));
    expect([threads.length, second.outcomes]).toMatchObject([2, [{ word: "second" }]]);
  });

  it.each(["exit", "error"])("begins a task anew once, where its thread ends by %s", (how) => {
    const { task: unlucky, outcomes } = task();
    worker.start(unlucky);
    threads[0]!.emit(how, new Error("killed"));
    expect([outcomes, threads.length]).toEqual([[], 2]);
    threads[1]!.emit("message", answerTo(unlucky, "mine"));
    expect(outcomes).toEqual([{ word: "mine" }]);
  });

  it("takes an attachment for hostile of which two threads died", () => {
    const { task: deadly, outcomes } = task();
    worker.start(deadly);
    for (const at of [0, 1]) threads[at]!.emit("exit", 1);
    expect(outcomes).toMatchObject([{ kind: "rejection", rejection: { reason: "unfinished" } }]);
    expect(worker.isIdle).toBe(true);
  });

  it.each<[string, string, unknown, string]>([
    ["runs out of memory", "error", { code: "ERR_WORKER_OUT_OF_MEMORY" }, "too-large"],
    ["throws", "error", new Error("odd"), "unfinished"],
    ["exits", "exit", 1, "unfinished"],
    ["answers with null", "message", null, "unfinished"],
    ["answers with a text", "message", "junk", "unfinished"],
    ["answers with something that cannot be read", "messageerror", new Error("no"), "unfinished"],
  ])("says what became of an attachment over which a thread twice %s", (_, event, word, reason) => {
    const { task: deadly, outcomes, faults } = task();
    worker.start(deadly);
    threads[0]!.emit(event, word);
    threads[1]!.emit(event, word);
    expect([outcomes, faults]).toMatchObject([[{ kind: "rejection", rejection: { reason } }], []]);
  });

  it("answers with a fault where a thread ends and no other can be started, and goes on when one can", async () => {
    const [unlucky, next] = [task(), task()];
    worker.start(unlucky.task);
    machine.hasThreads = false;
    threads[0]!.emit("exit", 1);
    expect([unlucky.faults, worker.isIdle]).toEqual([[], false]);
    await vi.advanceTimersByTimeAsync(100);
    expect(unlucky.faults).toMatchObject([
      { code: "limits/overloaded", message: expect.stringContaining("EAGAIN") },
    ]);
    expect([unlucky.outcomes, worker.isIdle]).toEqual([[], true]);
    machine.hasThreads = true;
    worker.start(next.task);
    threads[1]!.emit("message", answerTo(next.task, "mine"));
    expect(next.outcomes).toEqual([{ word: "mine" }]);
  });

  it("answers with a fault where no thread can be started to begin with", async () => {
    machine.hasThreads = false;
    const { task: first, faults } = task();
    worker.start(first);
    await vi.advanceTimersByTimeAsync(100);
    expect([faults, worker.isIdle]).toMatchObject([[{ code: "limits/overloaded" }], true]);
  });
});
