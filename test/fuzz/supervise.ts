import { Worker } from "node:worker_threads";

import type { Outcome } from "./run-target.ts";

const SCRIPT = new URL("./fuzz-worker.ts", import.meta.url);
const LOOK_MS = 250;
/** Before its first input a target makes what it needs: keys, signatures. */
const OPEN_MS = 120_000;

/** What the thread is told. */
export interface Order {
  /** Address of the module that opens the target. */
  readonly module: string;
  readonly seed: number;
  readonly path?: string | undefined;
  /** How long it may take with its opening; at least half of it is for inputs. */
  readonly ms: number;
}

/**
 * Runs targets, one after another, in a thread, since a call that never returns could not be ended otherwise. A target that
 * works on the same input for longer than it may is ended with the thread, and has failed; the next one gets a new thread.
 */
export class Supervisor {
  readonly #stuckMs: number;
  /** Inputs so far, and the last one's seed and number among those of the seed. */
  readonly #count = new SharedArrayBuffer(12);
  #worker: Worker | undefined;

  /** `stuckMs` is how long one input may take. */
  constructor(stuckMs: number) {
    this.#stuckMs = stuckMs;
  }

  /** Runs a target. Rejects where it cannot be opened. */
  async run(order: Order): Promise<Outcome> {
    const counter = new Int32Array(this.#count);
    Atomics.store(counter, 0, 0);
    const worker = (this.#worker ??= new Worker(SCRIPT, { workerData: this.#count }));
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const bark = (message: string): void => resolve(failed(counter, message));
    const watch = setInterval(watchdog(counter, this.#stuckMs, bark), LOOK_MS);
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(order);
    try {
      const outcome = await promise;
      if (outcome.failure !== undefined) await this.close();
      return outcome;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearInterval(watch);
      worker.off("message", resolve).off("error", reject);
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function watchdog(counter: Int32Array, stuckMs: number, bark: (message: string) => void): () => void {
  let [seen, since] = [0, performance.now()];
  return () => {
    const runs = Atomics.load(counter, 0);
    if (runs !== seen) [seen, since] = [runs, performance.now()];
    const allowed = runs === 0 ? OPEN_MS : stuckMs;
    if (performance.now() - since > allowed) bark(`it does not return within ${allowed} ms`);
  };
}

/** The number of an input is the path to it. */
function failed([runs = 0, seed = 0, at = 0]: Int32Array, message: string): Outcome {
  const counterexample = "none was shrunk; run it again to look";
  return { runs, slowestMs: Infinity, failure: { message, seed, path: String(at), counterexample } };
}
