import type { Worker } from "node:worker_threads";

import { z } from "zod";

import { Fault, type Rejection, startThread, type ThreadScript, threadScript } from "../../core/index.ts";
import { Rejected } from "../rejected.ts";
import { type Outcome, rejection } from "../verify-attachment.ts";
import type { Answer, Job } from "./jobs.ts";

const SCRIPT = threadScript("verify-worker", import.meta.url);

/** Work that waits for a free worker. */
export interface Task {
  readonly job: Omit<Job, "trust">;
  readonly trust: NonNullable<Job["trust"]>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: Fault) => void;
}

/** Bounds of one thread, and who is notified when it is free. */
export interface PoolWorkerOptions {
  /** Processor time for one task, ms. */
  readonly limitMs: number;
  /** Heap of the thread, MiB. */
  readonly heapMib: number;
  readonly onIdle: () => void;
  /** The thread's code, which answers each Job with an Answer; verification where absent. */
  readonly script?: ThreadScript;
}

interface Running {
  readonly task: Task;
  /** Whether a thread has ended over it before. */
  readonly isSecond: boolean;
  timer: NodeJS.Timeout;
}

/** How much longer than its processor time a task may take on a machine that is busy. */
const PATIENCE = 15;

/** How long a task waits for its fault where no thread can be started, ms: the next one is not tried at once. */
const NO_THREAD_MS = 50;

/** How a thread came to its end over an attachment. */
interface Ending {
  readonly reason: Rejection["reason"];
  readonly message: string;
}

/** How often a late task is checked within its limit. */
const LOOKS = 8;

/**
 * One worker thread that does one task at a time, with a limit on its processor time. What overruns it, or kills two
 * threads, is a rejection of that attachment, and the thread is replaced: no bundle may take the evidence of others away.
 * A thread that cannot be had, or does not answer, says nothing about the attachment: that is a fault.
 */
export class PoolWorker {
  readonly #limitMs: number;
  readonly #heapMib: number;
  readonly #onIdle: () => void;
  readonly #script: ThreadScript;
  #thread: Worker | undefined;
  /** Generation of the trust material that the thread holds. */
  #generation: string | undefined;
  #running: Running | undefined;

  /** `onIdle` is called whenever it can take the next task. */
  constructor({ limitMs, heapMib, onIdle, script = SCRIPT }: PoolWorkerOptions) {
    this.#limitMs = limitMs;
    this.#heapMib = heapMib;
    this.#onIdle = onIdle;
    this.#script = script;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Begins a task; only while idle. */
  start(task: Task): void {
    this.#begin(task, false);
  }

  #begin(task: Task, isSecond: boolean): void {
    const thread = this.#threadFor(task, isSecond);
    if (thread === undefined) return;
    const timer = setTimeout(() => void this.#watch(thread, task), this.#limitMs / 2);
    this.#running = { task, isSecond, timer };
    const isKnown = this.#generation === task.job.generation;
    this.#generation = task.job.generation;
    thread.postMessage(isKnown ? task.job : { ...task.job, trust: task.trust });
  }

  /** The thread, or a new one; undefined where none can be started, and then the task ends in a fault a little later. */
  #threadFor(task: Task, isSecond: boolean): Worker | undefined {
    try {
      return (this.#thread ??= this.#spawn());
    } catch (error) {
      const why = error instanceof Error ? error.message : "unknown failure";
      const fault = new Fault("limits/overloaded", `no thread can be started to verify in: ${why}`);
      const timer = setTimeout(() => this.#finish(({ reject }) => reject(fault)), NO_THREAD_MS);
      this.#running = { task, isSecond, timer };
      return undefined;
    }
  }

  /** Gives the memory of an idle thread back; the next task begins another one. */
  rest(): void {
    if (this.isIdle) this.#discard();
  }

  /** Ends the thread; a task under way fails with a fault. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#finish(({ reject }) => reject(new Fault("internal/unexpected", "the gate is closing")));
    await thread?.terminate();
  }

  #spawn(): Worker {
    const fresh = startThread(this.#script, this.#heapMib);
    const ended = (how: Ending): void => {
      if (fresh === this.#thread) this.#died(how);
    };
    fresh.on("message", (answer: unknown) => {
      if (!isAnswer(answer)) return ended({ reason: "unfinished", message: "verifying it gave no answer" });
      const isExpected = fresh === this.#thread && answer.id === this.#running?.task.job.id;
      if (isExpected) this.#finish((task) => settle(task, answer));
    });
    fresh.on("messageerror", () => ended({ reason: "unfinished", message: "its answer could not be read" }));
    fresh.on("error", (error: NodeJS.ErrnoException) => ended(this.#endingOf(error)));
    fresh.on("exit", () => ended({ reason: "unfinished", message: "verifying it ended the worker" }));
    fresh.unref();
    return fresh;
  }

  #endingOf({ code }: NodeJS.ErrnoException): Ending {
    if (code !== "ERR_WORKER_OUT_OF_MEMORY")
      return { reason: "unfinished", message: "verifying it failed unexpectedly" };
    return { reason: "too-large", message: `verifying it took more than ${this.#heapMib} MiB of memory` };
  }

  /**
   * Follows a task that is not done after half of its limit on the clock: from here on it may use the other half of
   * processor time, in which the start of the thread does not count where it came before.
   */
  async #watch(thread: Worker, task: Task): Promise<void> {
    const deadline = performance.now() + this.#limitMs * PATIENCE;
    const used = meter(thread);
    while (this.#running?.task === task && thread === this.#thread) {
      if (used() >= this.#limitMs / 2)
        return this.#replace({
          reason: "too-large",
          message: `verifying it took longer than ${this.#limitMs} ms (verify.limit)`,
        });
      if (performance.now() >= deadline) return this.#giveUp(used());
      await this.#pause(this.#running);
    }
  }

  #pause(running: Running): Promise<void> {
    return new Promise((resolve) => (running.timer = setTimeout(resolve, this.#limitMs / LOOKS)));
  }

  /** A thread may end for its own reason, so the first one is replaced, and its task begun again. */
  #died(how: Ending): void {
    const running = this.#running;
    if (running === undefined || running.isSecond) return this.#replace(how);
    clearTimeout(running.timer);
    this.#discard();
    this.#begin(running.task, true);
  }

  #replace({ reason, message }: Ending): void {
    this.#discard();
    this.#finish(({ job, resolve }) => resolve(rejection(job.attachment, new Rejected(reason, message))));
  }

  /** Either the machine is busy, or the thread is stuck: what it has used says which. */
  #giveUp(usedMs: number): void {
    this.#discard();
    const waited = `${this.#limitMs * PATIENCE} ms`;
    const message = `verifying was not done within ${waited}; it got ${Math.round(usedMs)} ms of processor time`;
    this.#finish(({ reject }) => reject(new Fault("limits/overloaded", message)));
  }

  #discard(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#generation = undefined;
    void thread?.terminate();
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

/**
 * Asks a thread for its processor time at each call, and gives what it has used since the first call, ms, as far as it has
 * answered: it may be busy, not begun, or ended.
 */
function meter(thread: Worker): () => number {
  let first: number | undefined;
  let last = 0;
  const ask = async (): Promise<void> => {
    const { user, system } = await thread.cpuUsage();
    last = (user + system) / 1000;
    first ??= last;
  };
  return () => {
    ask().catch(() => undefined);
    return last - (first ?? last);
  };
}

const AnswerShape = z.object({ id: z.number() });

/** Whether a thread has sent an answer: what it runs is hostile input. */
function isAnswer(answer: unknown): answer is Answer {
  return AnswerShape.safeParse(answer).success;
}

function settle({ resolve, reject }: Task, answer: Answer): void {
  if ("outcome" in answer) resolve(answer.outcome);
  else reject(new Fault("trust/unavailable", `the trust material cannot be used: ${answer.unusable}`));
}
