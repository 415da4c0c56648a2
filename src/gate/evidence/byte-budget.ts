import { FairQueue, FairShare, Fault, type Turn, waitForTurn } from "../../core/index.ts";
import type { End } from "./patience.ts";

/** How many bytes of attachments are in memory. */
export interface ByteBudgetLimits {
  /**
   * Attachments of up to an eighth of this, all collections together, bytes; as much again for larger ones. Of those
   * that take more than all of it, one at a time has its turn as well.
   */
  readonly atOnce: number;
  /** Attachments of one image that never wait, bytes: signatures and provenance are rarely larger. */
  readonly always: number;
}

/** What is past this part of the room keeps only others of its kind waiting. */
const SMALL_PART = 1 / 8;

/** Someone who asks for room, and until when. */
export interface Asker {
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/**
 * Memory for the attachments that collections hold, from before they are read until they are verified: anyone who may
 * push images with large attachments must not be able to fill it with many of them at once. Each namespace has its
 * share, and small attachments do not wait for large ones.
 */
export class ByteBudget {
  readonly #always: number;
  readonly #lanes: readonly SizedLane[];

  constructor({ always, atOnce }: ByteBudgetLimits) {
    this.#always = always;
    this.#lanes = [
      { most: atOnce * SMALL_PART, lane: new Lane(atOnce), places: (bytes) => bytes },
      { most: atOnce, lane: new Lane(atOnce), places: (bytes) => bytes },
      { most: Number.POSITIVE_INFINITY, lane: new Lane(1), places: () => 1 },
    ];
  }

  /**
   * Waits until there is room. Gives what gives it back, which may be called again. Rejects with Fault limits/overloaded when
   * the signal aborts first.
   */
  async take(bytes: number, asker: Asker): Promise<End> {
    if (bytes <= this.#always) return () => undefined;
    const { lane, places } = this.#lanes.find(({ most }) => bytes <= most)!;
    return await lane.take({ bytes, places: places(bytes), ...asker });
  }

  /**
   * Does work that may take room, and gives it back at the end; before it takes more, too, since anyone who waits must
   * hold nothing that others wait for.
   */
  async during<T>(work: (take: (bytes: number, asker: Asker) => Promise<void>) => Promise<T>): Promise<T> {
    let giveBack: End | undefined;
    try {
      return await work(async (bytes, asker) => {
        giveBack?.();
        giveBack = await this.take(bytes, asker);
      });
    } finally {
      giveBack?.();
    }
  }
}

/** Where wishes up to a size are granted. */
interface SizedLane {
  readonly most: number;
  readonly lane: Lane;
  /** Places of the lane that so many bytes take. */
  readonly places: (bytes: number) => number;
}

interface Request extends Asker {
  readonly bytes: number;
  /** What it takes of the lane. */
  readonly places: number;
}

interface Waiting {
  readonly places: number;
  readonly begin: () => void;
}

/** The memory for attachments of one size. Namespaces have their turns one after the other, and each its share. */
class Lane {
  readonly #share: FairShare;
  readonly #waiting = new FairQueue<Waiting>();

  constructor(places: number) {
    this.#share = new FairShare(places);
  }

  /** As `take` of ByteBudget says. */
  async take({ bytes, places, namespace, signal }: Request): Promise<End> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { places, begin: resolve };
    const giveUp = (): void => {
      if (!this.#waiting.remove(namespace, waiting)) return;
      const message = `there was not enough memory in time for ${bytes} bytes of attachments (evidence.attachmentsMib)`;
      reject(new Fault("limits/overloaded", message));
      this.#beginNext();
    };
    this.#waiting.push(namespace, waiting);
    this.#beginNext();
    await waitForTurn(promise, signal, giveUp);
    return once(() => {
      this.#share.give(namespace, places);
      this.#beginNext();
    });
  }

  #beginNext(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.begin();
  }

  /** Takes out who comes next, and takes its places. */
  #next(): Waiting | undefined {
    let who = "";
    const next = this.#waiting.shift((namespace, { places }) => {
      who = namespace;
      return this.#turnOf(namespace, places);
    });
    if (next !== undefined) this.#share.take(who, next.places);
    return next;
  }

  /**
   * Anyone who holds none and finds too little free is waited for: those with smaller wishes must not overtake for
   * ever.
   */
  #turnOf(namespace: string, places: number): Turn {
    if (this.#share.mayTake(namespace, places)) return "take";
    return this.#share.heldBy(namespace) > 0 ? "skip" : "stop";
  }
}

function once(work: () => void): End {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
