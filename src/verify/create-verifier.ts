import { availableParallelism } from "node:os";

import {
  type Attachment,
  type AttachmentBatch,
  type Attachments,
  type Evidence,
  FairShare,
  Fault,
  GroupedFairQueue,
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
  /**
   * Most attachments that wait or are verified; past its share of them, someone's answer is a fault rather than a
   * longer queue.
   */
  readonly queue?: number;
}

/** What is kept, and whose part of the threads it takes. */
export interface VerifyOptions extends Keep {
  /** The namespace that asks; no particular one where absent. */
  readonly share?: string;
}

/** Verification off the main thread. */
export interface Verifier {
  /** Evidence as `verifyAttachments` gives it. Throws Fault trust/unavailable, limits/overloaded. */
  readonly verify: (
    attachments: Attachments,
    trust: TrustSnapshot,
    now: Date,
    options?: VerifyOptions,
  ) => Promise<Evidence>;
  readonly close: () => Promise<void>;
}

const DEFAULTS = { limitMs: 2_000, queue: 16_384 };
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
    verify: async (attachments, trust, now, { predicateTexts = [], share = "" } = {}) => {
      const about = { subject: attachments.subject, predicateTexts };
      const run = ({ found }: AttachmentBatch): Promise<Outcome[]> =>
        Promise.all(found.map((each) => pool.run(each, { about, trust, share })));
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

/** Threads that take from one queue, in which namespaces have their turns, and in each its images. */
interface Lane {
  readonly queue: GroupedFairQueue<Task>;
  /** Of what waits or is verified. */
  readonly shares: FairShare;
  readonly workers: readonly PoolWorker[];
}

/** For whom something is verified, and with what. */
interface Asking {
  readonly about: About;
  readonly trust: TrustSnapshot;
  readonly share: string;
}

/**
 * Large attestations have their own thread, one at a time: they bound neither others' time nor memory. It ends when
 * it has nothing to do, since it would keep the hundreds of MiB that a long SBOM takes.
 */
class Pool {
  readonly #usual: Lane;
  readonly #large: Lane;
  readonly #most: number;
  #lastId = 0;

  constructor({ workers, limitMs, largeLimitMs, queue }: Required<VerifierOptions>) {
    this.#most = queue;
    this.#usual = createLane(workers, { queue, limitMs, heapMib: HEAP_MIB, rests: false });
    this.#large = createLane(1, { queue, limitMs: largeLimitMs, heapMib: LARGE_HEAP_MIB, rests: true });
  }

  async run(attachment: Attachment, { about, trust, share }: Asking): Promise<Outcome> {
    const isLarge = attachment.bytes.byteLength > LIMITS.smallBytes;
    const lane = isLarge ? this.#large : this.#usual;
    if (!lane.shares.take(share)) throw tooManyFault(lane.shares, share, this.#most);
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#lastId += 1;
    const job = { id: this.#lastId, attachment, about, generation: trust.generation };
    lane.queue.push(share, about.subject, { job, trust, resolve, reject });
    dispatch(lane);
    return await promise.finally(() => lane.shares.give(share));
  }

  async close(): Promise<void> {
    const lanes = [this.#usual, this.#large];
    const waiting = lanes.flatMap(({ queue }) => queue.drain());
    for (const { reject } of waiting) reject(new Fault("internal/unexpected", "the gate is closing"));
    await Promise.all(lanes.flatMap(({ workers }) => workers.map((worker) => worker.close())));
  }
}

function tooManyFault(shares: FairShare, share: string, most: number): Fault {
  const own = shares.heldBy(share);
  const message = `${shares.taken} of ${most} attachments that may wait do so, ${own} of them for this namespace (verify.workers)`;
  return new Fault("limits/overloaded", message);
}

interface LaneOptions {
  readonly queue: number;
  readonly limitMs: number;
  readonly heapMib: number;
  /** Whether threads end when they have nothing to do. */
  readonly rests: boolean;
}

function createLane(workers: number, { queue, rests, ...limits }: LaneOptions): Lane {
  const lane: Lane = {
    queue: new GroupedFairQueue(),
    shares: new FairShare(queue),
    workers: Array.from({ length: workers }, create),
  };
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
    const task = worker.isIdle ? queue.shift() : undefined;
    if (task !== undefined) worker.start(task);
  }
}
