import { Worker } from "node:worker_threads";

import { Fault } from "../core/index.ts";
import type { Answer, Job } from "./jobs.ts";
import { Rejected } from "./rejected.ts";
import { type Outcome, rejection } from "./verify-attachment.ts";

/** Where the worker's code lies: beside this file as source, or beside the bundle. */
const SCRIPT = new URL(
  import.meta.url.endsWith(".ts") ? "./worker.ts" : "./verify-worker.js",
  import.meta.url,
);

/** Work that waits for a free worker. */
export interface Task {
  readonly job: Omit<Job, "trust">;
  readonly trust: NonNullable<Job["trust"]>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: Fault) => void;
}

/** Bounds of one thread, and who is told when it is free. */
export interface PoolWorkerOptions {
  /** Time for one task, ms. */
  readonly limitMs: number;
  /** Heap of the thread, MiB. */
  readonly heapMib: number;
  readonly onIdle: () => void;
}

interface Running {
  readonly task: Task;
  readonly timer: NodeJS.Timeout;
}

/**
 * One worker thread that does one task at a time, with a time limit. What overruns it, or kills the thread, is a
 * rejection of that attachment, and the thread is replaced: no bundle may take the evidence of others away.
 */
export class PoolWorker {
  readonly #limitMs: number;
  readonly #heapMib: number;
  readonly #onIdle: () => void;
  #thread: Worker | undefined;
  /** Generation of the trust material that the thread holds. */
  #generation: string | undefined;
  #running: Running | undefined;

  /** `onIdle` is called whenever it can take the next task. */
  constructor({ limitMs, heapMib, onIdle }: PoolWorkerOptions) {
    this.#limitMs = limitMs;
    this.#heapMib = heapMib;
    this.#onIdle = onIdle;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Begins a task; only while idle. */
  start(task: Task): void {
    this.#thread ??= this.#spawn();
    const late = (): void => this.#replace(`verifying it took longer than ${this.#limitMs} ms`);
    this.#running = { task, timer: setTimeout(late, this.#limitMs) };
    const isKnown = this.#generation === task.job.generation;
    this.#generation = task.job.generation;
    this.#thread.postMessage(isKnown ? task.job : { ...task.job, trust: task.trust });
  }

  /** Ends the thread; a task under way fails with a fault. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#finish(({ reject }) => reject(new Fault("internal/unexpected", "the gate is closing")));
    await thread?.terminate();
  }

  #spawn(): Worker {
    const fresh = new Worker(SCRIPT, { resourceLimits: { maxOldGenerationSizeMb: this.#heapMib } });
    const ended = (how: string): void => {
      if (fresh === this.#thread) this.#replace(how);
    };
    fresh.on("message", (answer: Answer) => {
      const isExpected = fresh === this.#thread && answer.id === this.#running?.task.job.id;
      if (isExpected) this.#finish((task) => settle(task, answer));
    });
    fresh.on("error", () => ended("verifying it failed in an unforeseen way"));
    fresh.on("exit", () => ended("verifying it ended the worker"));
    fresh.unref();
    return fresh;
  }

  #replace(message: string): void {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#generation = undefined;
    void thread?.terminate();
    this.#finish(({ job, resolve }) =>
      resolve(rejection(job.attachment, new Rejected("too-large", message))),
    );
  }

  #finish(close: (task: Task) => void): void {
    if (this.#running === undefined) return;
    const { task, timer } = this.#running;
    clearTimeout(timer);
    this.#running = undefined;
    close(task);
    this.#onIdle();
  }
}

function settle({ resolve, reject }: Task, answer: Answer): void {
  if ("outcome" in answer) resolve(answer.outcome);
  else reject(new Fault("trust/unavailable", `the trust material cannot be used: ${answer.unusable}`));
}
