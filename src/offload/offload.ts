import type { Worker } from "node:worker_threads";

import { FairShare, Fault, GroupedFairQueue, startThread, type ThreadScript } from "../core/index.ts";
import type { TaskAnswer, TaskTable } from "./messages.ts";

/** Bounds of the thread and of what waits for it. */
export interface OffloadOptions {
  /** The thread's code, which calls `serveTasks`. */
  readonly script: ThreadScript;
  /** Longest that one task may take on the clock, ms. */
  readonly limitMs: number;
  /** Heap of the thread, MiB. */
  readonly heapMib: number;
  /**
   * Most bytes of texts and buffers that wait or are worked on, for each kind of task; no one takes the share of
   * others.
   */
  readonly maxBytes: number;
  /** How long the thread stays without work, ms: its memory goes back with it. */
  readonly restMs: number;
}

/** Work on large inputs outside the thread that answers everyone. */
export interface Offload<Tasks extends TaskTable> {
  /**
   * What the task of this name gives. Rejects with the fault that it threw, with limits/overloaded where too much waits or no
   * thread can be had, with limits/exceeded where the task takes too long or ends its thread.
   */
  readonly run: <Name extends keyof Tasks & string>(
    name: Name,
    ...input: Parameters<Tasks[Name]>
  ) => Promise<ReturnType<Tasks[Name]>>;
  /** The same as someone's share: who they are is a text from outside, such as a namespace. Their tasks take turns. */
  readonly runFor: <Name extends keyof Tasks & string>(
    share: string,
    name: Name,
    ...input: Parameters<Tasks[Name]>
  ) => Promise<ReturnType<Tasks[Name]>>;
  /** Ends the thread; what waits is rejected. */
  readonly close: () => Promise<void>;
}

interface Task {
  readonly name: string;
  /** Whose task it is; where absent, it is its own. */
  readonly share: string;
  readonly input: readonly unknown[];
  readonly bytes: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (fault: Fault) => void;
}

/**
 * One thread, begun at its first task, that does one task at a time; kinds of tasks take turns, and within each kind those
 * whose tasks they are.
 */
export function createOffload<Tasks extends TaskTable>(options: OffloadOptions): Offload<Tasks> {
  const lane = new Lane(options);
  return {
    run: (name, ...input) => lane.run(name, input) as Promise<ReturnType<Tasks[typeof name]>>,
    runFor: (share, name, ...input) =>
      lane.run(name, input, `for ${share}`) as Promise<ReturnType<Tasks[typeof name]>>,
    close: () => lane.close(),
  };
}

class Lane {
  readonly #options: OffloadOptions;
  /** By name and share: one kind of task never waits for all of another. */
  readonly #waiting = new GroupedFairQueue<Task>();
  /** By name, too: what a stranger may send must not keep others' tasks out. */
  readonly #bytes = new Map<string, FairShare>();
  #thread: Worker | undefined;
  #running: { readonly id: number; readonly task: Task; readonly timer: NodeJS.Timeout } | undefined;
  #lastId = 0;
  #count = 0;
  #rest: NodeJS.Timeout | undefined;

  constructor(options: OffloadOptions) {
    this.#options = options;
  }

  run(name: string, input: readonly unknown[], share = `task ${this.#count}`): Promise<unknown> {
    this.#count += 1;
    const bytes = input.reduce<number>((sum, each) => sum + bytesOf(each), 0);
    if (!this.#room(name).take(share, bytes))
      return Promise.reject(overloaded("too many documents are being read"));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push(name, share, { name, share, input, bytes, resolve, reject });
    this.#next();
    return promise;
  }

  #room(name: string): FairShare {
    const room = this.#bytes.get(name) ?? new FairShare(this.#options.maxBytes);
    this.#bytes.set(name, room);
    return room;
  }

  async close(): Promise<void> {
    const closing = new Fault("internal/unexpected", "the gate is closing");
    for (const task of this.#waiting.drain()) task.reject(closing);
    const thread = this.#thread;
    this.#thread = undefined;
    this.#settle(({ reject }) => reject(closing));
    clearTimeout(this.#rest);
    await thread?.terminate();
  }

  #next(): void {
    const task = this.#running === undefined ? this.#waiting.shift() : undefined;
    if (task === undefined) return;
    clearTimeout(this.#rest);
    this.#lastId += 1;
    const timer = setTimeout(
      () => this.#end(`was not done within ${this.#options.limitMs} ms`),
      this.#options.limitMs,
    );
    this.#running = { id: this.#lastId, task, timer };
    try {
      this.#thread ??= this.#begin();
      this.#thread.postMessage({ id: this.#lastId, name: task.name, input: task.input });
    } catch {
      this.#thread = undefined;
      this.#settle(({ reject }) => reject(overloaded("no thread is available")));
    }
  }

  #begin(): Worker {
    const { script, heapMib } = this.#options;
    const thread = startThread(script, heapMib);
    const ended = (): void => {
      if (thread === this.#thread) this.#end("exceeded its memory limit, or ended its thread");
    };
    thread.on("message", (answer: TaskAnswer) => {
      if (thread === this.#thread && answer.id === this.#running?.id)
        this.#settle((task) => settle(task, answer));
    });
    thread.on("error", ended).on("exit", ended).on("messageerror", ended);
    thread.unref();
    return thread;
  }

  /** The thread is given up, and the task with it; the next task begins another thread. */
  #end(how: string): void {
    this.#discard();
    this.#settle(({ reject }) => reject(new Fault("limits/exceeded", `reading it ${how}`)));
  }

  #settle(close: (task: Task) => void): void {
    if (this.#running === undefined) return;
    const { task, timer } = this.#running;
    clearTimeout(timer);
    this.#running = undefined;
    this.#room(task.name).give(task.share, task.bytes);
    close(task);
    this.#rest = setTimeout(() => this.#discard(), this.#options.restMs).unref();
    this.#next();
  }

  #discard(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
  }
}

function settle({ resolve, reject }: Task, answer: TaskAnswer): void {
  if ("fault" in answer) reject(new Fault(answer.fault.code, answer.fault.message));
  else resolve(answer.result);
}

function overloaded(why: string): Fault {
  return new Fault("limits/overloaded", `${why}; try again`);
}

function bytesOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + bytesOf(each), 0);
  return value instanceof Uint8Array ? value.byteLength : 0;
}
