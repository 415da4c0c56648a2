import { FairShare } from "../../core/index.ts";
import type { Patience } from "./patience.ts";

const MINUTE_MS = 60_000;

/** How much is looked up at one host. */
export interface HostLimits {
  /** Look-ups of one host that fetch at once. */
  readonly ofHost: number;
  /** A look-up that asks longer without an answer has its host for silent, ms. */
  readonly silentAfterMs: number;
  /** From so many silent look-ups on, each namespace has one at a time at the host, until it answers. */
  readonly silent: number;
}

/** One look-up at a host. */
export interface Visit {
  readonly namespace: string;
  /** Says how long the host was asked: what the gate itself takes does not make a host silent. */
  readonly patience: Patience;
}

/** What is known of a host at which something is looked up: who fetches there, and whether it answers. */
export class Host {
  readonly #limits: HostLimits;
  readonly #fetching: FairShare;
  readonly #visits = new Set<Visit>();
  #answeredAt = Number.NEGATIVE_INFINITY;
  #silentAt = Number.NEGATIVE_INFINITY;
  /** Look-ups that ended without an answer, after a long time, since the host answered last. */
  #silent = 0;

  constructor(limits: HostLimits) {
    this.#limits = limits;
    this.#fetching = new FairShare(limits.ofHost);
  }

  /** Look-ups that are fetching. */
  get fetching(): number {
    return this.#fetching.taken;
  }

  /** Whether a namespace may fetch here now. */
  mayEnter(namespace: string, now: number): boolean {
    return this.#fetching.mayTake(namespace) && this.silentFor(namespace, now) === 0;
  }

  /** A look-up begins to fetch. */
  enter(namespace: string, patience: Patience): Visit {
    const visit = { namespace, patience };
    this.#fetching.take(namespace);
    this.#visits.add(visit);
    return visit;
  }

  /** A look-up has fetched all that it wants, or failed. Only the first call of a visit counts. */
  leave(visit: Visit, { isAnswer, now }: { readonly isAnswer: boolean; readonly now: number }): void {
    if (!this.#visits.delete(visit)) return;
    this.#fetching.give(visit.namespace);
    if (isAnswer || visit.patience.askedMs <= this.#limits.silentAfterMs) {
      this.#answeredAt = now; // a quick refusal is an answer, too
      this.#silent = 0;
    } else {
      this.#silentAt = now;
      this.#silent += 1;
    }
  }

  /**
   * How many look-ups the host leaves without an answer, where that keeps a namespace from asking once more; 0 where it
   * may. A silent host is asked by each namespace one at a time: someone has to find out that it answers again, and
   * anyone who makes it hang must not be the only one who asks.
   */
  silentFor(namespace: string, now: number): number {
    const { silentAfterMs, silent: most } = this.#limits;
    if (now - this.#answeredAt <= silentAfterMs || this.#fetching.heldBy(namespace) === 0) return 0;
    const hanging = [...this.#visits].filter(({ patience }) => patience.askedMs > silentAfterMs).length;
    const silent = this.#silent + hanging;
    return silent < most ? 0 : silent;
  }

  /** Whether nothing is left to remember of it: hosts are named by requests. */
  isForgotten(now: number): boolean {
    return this.#visits.size === 0 && (this.#silent === 0 || now - this.#silentAt > MINUTE_MS);
  }
}
