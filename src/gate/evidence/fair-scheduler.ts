import { asFault, FairShare, Fault, type FaultCode, formatDuration } from "../../core/index.ts";
import { Patience } from "./patience.ts";
import { Host, type HostLimits, type Visit } from "./scheduled-host.ts";

/** Hosts that are known at once; past that those that nothing is remembered of are dropped. */
const MAX_HOSTS = 1024;
/** Faults of a host that gave no answer. */
const UNANSWERED: readonly FaultCode[] = ["registry/unavailable", "deadline/exceeded"];

/** How many look-ups run and wait. Of each number one namespace gets as many as it leaves free. */
export interface SchedulerLimits extends HostLimits {
  /** Look-ups that run at once. */
  readonly running: number;
  /** Look-ups that wait. */
  readonly waiting: number;
}

/** For whom something is looked up, and where. Both are texts from requests. */
export interface Claimant {
  readonly namespace: string;
  readonly host: string;
}

/** A look-up. `fetched` says that its host has given all that is wanted of it; what is left is the gate's own work. */
export type LookUp<T> = (fetched: () => void) => Promise<T>;

interface Waiting extends Claimant {
  readonly patience: Patience;
  readonly begin: (visit: Visit) => void;
}

/**
 * Turns for look-ups. Namespaces have their turns one after the other, and within each its hosts: anyone who names
 * hosts that hang takes no more than their own share. Of one namespace and host the oldest comes first, as long as no
 * more wait than may run, so that no one waits for ever under a load that does not end. Where more wait, the newest
 * does: anyone who asked for what has waited long was told to come again.
 */
export class FairScheduler {
  readonly #limits: SchedulerLimits;
  readonly #onWaiting: (change: 1 | -1) => void;
  readonly #clock: () => number;
  readonly #running: FairShare;
  readonly #waiting: FairShare;
  /** Who waits, by namespace and host; the order of both is that of their turns. */
  readonly #queues = new Map<string, Map<string, Waiting[]>>();
  readonly #hosts = new Map<string, Host>();

  /** `clock` counts ms. */
  constructor(
    limits: SchedulerLimits,
    onWaiting: (change: 1 | -1) => void,
    clock = (): number => performance.now(),
  ) {
    this.#limits = limits;
    this.#onWaiting = onWaiting;
    this.#clock = clock;
    this.#running = new FairShare(limits.running);
    this.#waiting = new FairShare(limits.waiting);
  }

  /**
   * Runs a look-up when its turn comes. Rejects with Fault limits/overloaded where too many wait already, and with
   * registry/unavailable where its host leaves look-ups without an answer. Its patience is paused until then.
   */
  async run<T>(who: Claimant, lookUp: LookUp<T>, patience: Patience = new Patience(this.#clock)): Promise<T> {
    const visit = await patience.during(this.#turnOf(who), () => this.#turn({ ...who, patience }));
    const leave = (isAnswer: boolean): void => {
      this.#host(who.host).leave(visit, { isAnswer, now: this.#clock() });
      this.#startNext();
    };
    try {
      const result = await lookUp(() => leave(true));
      leave(true);
      return result;
    } catch (error) {
      leave(!UNANSWERED.includes(asFault(error).code));
      throw error;
    } finally {
      this.#running.give(who.namespace);
      this.#startNext();
    }
  }

  /** Whether half of what may run is running: then nothing is begun that no one waits for. */
  isBusy({ host }: Pick<Claimant, "host">): boolean {
    const { running, ofHost } = this.#limits;
    return this.#running.taken * 2 >= running || (this.#hosts.get(host)?.fetching ?? 0) * 2 >= ofHost;
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    if (this.#hosts.size >= MAX_HOSTS) this.#forgetHosts();
    const host = new Host(this.#limits);
    this.#hosts.set(name, host);
    return host;
  }

  #forgetHosts(): void {
    const now = this.#clock();
    for (const [name, host] of this.#hosts) if (host.isForgotten(now)) this.#hosts.delete(name);
  }

  #turnOf({ host }: Claimant): string {
    const { running, ofHost } = this.#limits;
    const ofAll = `its turn among ${running} look-ups (evidence.lookUps)`;
    return `${ofAll}, ${ofHost} of them at ${host} (registries.limits.connectionsPerHost)`;
  }

  /** Resolves when the turn has come; its places are taken by then. */
  #turn(who: Omit<Waiting, "begin">): Promise<Visit> {
    const silent = this.#hosts.get(who.host)?.silentFor(who.namespace, this.#clock()) ?? 0;
    if (silent > 0) return Promise.reject(silentFault(who.host, silent, this.#limits));
    const { promise, resolve } = Promise.withResolvers<Visit>();
    if (this.#mayRun(who)) {
      resolve(this.#start(who));
    } else if (this.#waiting.take(who.namespace)) {
      this.#onWaiting(1);
      this.#queue(who).push({ ...who, begin: resolve });
    } else {
      const own = this.#waiting.heldBy(who.namespace);
      const message = `${this.#waiting.taken} images are waiting to be looked up, ${own} of them for this namespace (evidence.lookUps)`;
      return Promise.reject(new Fault("limits/overloaded", message));
    }
    return promise;
  }

  #start({ namespace, host, patience }: Omit<Waiting, "begin">): Visit {
    this.#running.take(namespace);
    return this.#host(host).enter(namespace, patience);
  }

  #queue({ namespace, host }: Claimant): Waiting[] {
    const hosts = this.#queues.get(namespace) ?? new Map<string, Waiting[]>();
    const queue = hosts.get(host) ?? [];
    this.#queues.set(namespace, hosts.set(host, queue));
    return queue;
  }

  #mayRun({ namespace, host }: Claimant): boolean {
    if (!this.#running.mayTake(namespace)) return false;
    return this.#hosts.get(host)?.mayEnter(namespace, this.#clock()) ?? true;
  }

  #startNext(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.give(next.namespace);
      this.#onWaiting(-1);
      next.begin(this.#start(next));
    }
  }

  /** Takes out who comes next. Namespace and host go to the end of their turns. */
  #next(): Waiting | undefined {
    for (const [namespace, hosts] of this.#queues) {
      for (const [host, queue] of hosts) {
        if (!this.#mayRun({ namespace, host })) continue;
        const isLong = queue.length > this.#limits.ofHost;
        const next = isLong ? queue.pop() : queue.shift();
        hosts.delete(host);
        if (queue.length > 0) hosts.set(host, queue);
        this.#queues.delete(namespace);
        if (hosts.size > 0) this.#queues.set(namespace, hosts);
        return next;
      }
    }
    return undefined;
  }
}

function silentFault(host: string, silent: number, { silentAfterMs }: SchedulerLimits): Fault {
  const since = formatDuration(silentAfterMs);
  return new Fault(
    "registry/unavailable",
    `${host} left ${silent} look-ups without an answer for ${since}; it gets one request at a time until it answers`,
  );
}
