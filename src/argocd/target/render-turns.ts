import { FairQueue, FairShare, Fault, waitForTurn } from "../../core/index.ts";

/** How many targets are rendered at once, and wait. Of each number one share gets as many as it leaves free. */
export interface RenderLimits {
  readonly running: number;
  readonly waiting: number;
}

interface Waiting {
  readonly share: string;
  readonly begin: () => void;
}

/** Turns for rendering: shares have theirs one after the other, and within each the oldest comes first. */
export class RenderTurns {
  readonly #limits: RenderLimits;
  readonly #onWaiting: (count: number) => void;
  readonly #running: FairShare;
  readonly #waiting: FairShare;
  readonly #queue = new FairQueue<Waiting>();

  constructor(limits: RenderLimits, onWaiting: (count: number) => void) {
    this.#limits = limits;
    this.#onWaiting = onWaiting;
    this.#running = new FairShare(limits.running);
    this.#waiting = new FairShare(limits.waiting);
  }

  /**
   * Runs `render` when its turn comes. Rejects with Fault limits/overloaded where too many wait already, and with
   * deadline/exceeded where `signal` aborts before its turn: no one wants it any more.
   */
  async run<T>(share: string, render: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (!this.#running.take(share)) await this.#wait(share, signal);
    try {
      return await render();
    } finally {
      this.#running.give(share);
      this.#startNext();
    }
  }

  #wait(share: string, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#waiting.take(share)) return Promise.reject(this.#overloaded(share));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const one = { share, begin: resolve };
    this.#queue.push(share, one);
    this.#onWaiting(this.#waiting.taken);
    const late = (): void => {
      if (this.#queue.remove(share, one)) this.#left(share);
      reject(new Fault("deadline/exceeded", "still waiting to be rendered at the deadline"));
    };
    return signal === undefined ? promise : waitForTurn(promise, signal, late);
  }

  #overloaded(share: string): Fault {
    const all = this.#waiting.taken;
    const own = this.#waiting.heldBy(share);
    const message = `${all} targets are waiting to be rendered, ${own} of them of this project; ${this.#limits.waiting} may wait`;
    return new Fault("limits/overloaded", message);
  }

  #left(share: string): void {
    this.#waiting.give(share);
    this.#onWaiting(this.#waiting.taken);
  }

  #next(): Waiting | undefined {
    return this.#queue.shift((share) => (this.#running.mayTake(share) ? "take" : "skip"));
  }

  #startNext(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#running.take(next.share);
      this.#left(next.share);
      next.begin();
    }
  }
}
