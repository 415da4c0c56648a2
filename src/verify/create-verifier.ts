import { availableParallelism } from "node:os";

import {
  type Attachment,
  type AttachmentBatch,
  type Attachments,
  type Evidence,
  FairQueue,
  Fault,
  type TrustSnapshot,
} from "../core/index.ts";
import { evidenceFrom, type Keep } from "./evidence.ts";
import { LIMITS } from "./limits.ts";
import { PoolWorker, type Task } from "./pool/pool-worker.ts";
import { type About, type Outcome } from "./verify-attachment.ts";

/** Bounds of the worker pool. */
export interface VerifierOptions {
  /** Worker threads; one fewer than there are cores where absent, at least one. */
  readonly workers?: number;
  /** A worker that takes longer over one attachment is replaced, ms. */
  readonly limitMs?: number;
  /** The same for one of more than 4 MiB, ms; ten times as long where absent. */
  readonly largeLimitMs?: number;
  /** Most attachments that wait; past it an answer is a fault rather than a longer queue. */
  readonly queue?: number;
}

/** Verification off the main thread. */
export interface Verifier {
  /** Evidence as `verifyAttachments` gives it. Throws Fault trust/unavailable, limits/overloaded. */
  readonly verify: (
    attachments: Attachments,
    trust: TrustSnapshot,
    now: Date,
    keep?: Keep,
  ) => Promise<Evidence>;
  readonly close: () => Promise<void>;
}

const DEFAULTS = { limitMs: 2_000, queue: 4_096 };
const LARGE_FACTOR = 10;
const HEAP_MIB = 256;
/** JSON of 64 MiB is several times as large once it is read. */
const LARGE_HEAP_MIB = 1024;

/** A pool of worker threads, so that no bundle, however hostile, keeps an answer waiting. Threads start on first use. */
export function createVerifier(options: VerifierOptions = {}): Verifier {
  const workers = Math.max(1, availableParallelism() - 1);
  const largeLimitMs = (options.limitMs ?? DEFAULTS.limitMs) * LARGE_FACTOR;
  const pool = new Pool({ ...DEFAULTS, workers, largeLimitMs, ...options });
  return {
    verify: async (attachments, trust, now, { predicateTexts = [] } = {}) => {
      const about = { subject: attachments.subject, predicateTexts };
      const run = ({ found }: AttachmentBatch): Promise<Outcome[]> =>
        Promise.all(found.map((each) => pool.run(each, about, trust)));
      const outcomes = await run(attachments);
      const [skipped, gaps] = [[...attachments.skipped], [...attachments.gaps]];
      for await (const batch of attachments.rest ?? []) {
        outcomes.push(...(await run(batch)));
        skipped.push(...batch.skipped);
        gaps.push(...batch.gaps);
      }
      return evidenceFrom({ ...attachments, skipped, gaps }, outcomes, trust.generation, now);
    },
    close: () => pool.close(),
  };
}

/** Threads that take from one queue, in which images have their turns. */
interface Lane {
  readonly queue: FairQueue<Task>;
  readonly workers: readonly PoolWorker[];
}

/**
 * Large attestations have a thread of their own, one at a time: they bound neither others' time nor memory. It ends when
 * it has nothing to do, since it would keep the hundreds of MiB that a long SBOM takes.
 */
class Pool {
  readonly #usual: Lane;
  readonly #large: Lane;
  readonly #most: number;
  #lastId = 0;

  constructor({ workers, limitMs, largeLimitMs, queue }: Required<VerifierOptions>) {
    this.#most = queue;
    this.#usual = createLane(workers, { limitMs, heapMib: HEAP_MIB, rests: false });
    this.#large = createLane(1, { limitMs: largeLimitMs, heapMib: LARGE_HEAP_MIB, rests: true });
  }

  run(attachment: Attachment, about: About, trust: TrustSnapshot): Promise<Outcome> {
    const isLarge = attachment.bytes.byteLength > LIMITS.smallBytes;
    const lane = isLarge ? this.#large : this.#usual;
    if (lane.queue.length >= this.#most) {
      return Promise.reject(
        new Fault(
          "limits/overloaded",
          `${this.#most} attachments are waiting to be verified (verify.workers)`,
        ),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#lastId += 1;
    const job = { id: this.#lastId, attachment, about, generation: trust.generation };
    lane.queue.push(about.subject, { job, trust, resolve, reject });
    dispatch(lane);
    return promise;
  }

  async close(): Promise<void> {
    const lanes = [this.#usual, this.#large];
    const waiting = lanes.flatMap(({ queue }) => queue.drain());
    for (const { reject } of waiting) reject(new Fault("internal/unexpected", "the gate is closing"));
    await Promise.all(lanes.flatMap(({ workers }) => workers.map((worker) => worker.close())));
  }
}

interface LaneOptions {
  readonly limitMs: number;
  readonly heapMib: number;
  /** Whether threads end when they have nothing to do. */
  readonly rests: boolean;
}

function createLane(workers: number, { rests, ...limits }: LaneOptions): Lane {
  const lane: Lane = { queue: new FairQueue(), workers: Array.from({ length: workers }, create) };
  function create(): PoolWorker {
    const onIdle = (): void => {
      dispatch(lane);
      if (rests) worker.rest();
    };
    const worker = new PoolWorker({ ...limits, onIdle });
    return worker;
  }
  return lane;
}

function dispatch({ queue, workers }: Lane): void {
  for (const worker of workers) {
    if (queue.length > 0 && worker.isIdle) worker.start(queue.shift()!);
  }
}
