import { Fault } from "../core/index.ts";

/** How many tasks run and wait. */
export interface TurnLimits {
  /** Most that run at once. */
  readonly running: number;
  /** Most of one group that run at once. */
  readonly runningOfOne: number;
  /** Most that wait; of one group three quarters of them. */
  readonly waiting: number;
}

interface Group {
  running: number;
  readonly waiting: (() => void)[];
}

const SHARE = 3 / 4;

/**
 * Turns for groups of tasks, so that no group keeps the others from running: groups have their turns one after the other.
 * Within a group the oldest comes first, as long as no more wait than may run at once, so that nobody waits for ever under a
 * load that does not end. Where more wait, the newest does: whoever asked for what has waited long was told to come again.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #onWaiting: (change: 1 | -1) => void;
  /** Only groups of which something runs or waits: their names come from requests. */
  readonly #groups = new Map<string, Group>();
  #running = 0;
  #waiting = 0;

  constructor(limits: TurnLimits, onWaiting: (change: 1 | -1) => void) {
    this.#limits = limits;
    this.#onWaiting = onWaiting;
  }

  /** Runs a task when its turn comes. Rejects with Fault limits/overloaded where too many wait already. */
  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const group = this.#group(name);
    await this.#turn(name, group);
    try {
      return await task();
    } finally {
      this.#end(name, group);
    }
  }

  /** Whether half of what a group may run is running: then nothing is begun that nobody waits for. */
  isBusy(name: string): boolean {
    const { running, runningOfOne } = this.#limits;
    return this.#running * 2 >= running || this.#group(name).running * 2 >= runningOfOne;
  }

  #group(name: string): Group {
    return this.#groups.get(name) ?? { running: 0, waiting: [] };
  }

  /** Resolves when the turn has come. */
  #turn(name: string, group: Group): Promise<void> {
    const { waiting } = this.#limits;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#mayRun(group)) {
      this.#start(group, resolve);
    } else if (this.#waiting < waiting && group.waiting.length < waiting * SHARE) {
      this.#count(1);
      group.waiting.push(resolve);
    } else {
      const message = `${this.#waiting} other images wait for their turn to be looked up`;
      return Promise.reject(new Fault("limits/overloaded", message));
    }
    this.#groups.set(name, group);
    return promise;
  }

  #mayRun(group: Group): boolean {
    const { running, runningOfOne } = this.#limits;
    return this.#running < running && group.running < runningOfOne;
  }

  #start(group: Group, begin: () => void): void {
    this.#running += 1;
    group.running += 1;
    begin();
  }

  #end(name: string, group: Group): void {
    this.#running -= 1;
    group.running -= 1;
    if (group.running === 0 && group.waiting.length === 0) this.#groups.delete(name);
    this.#startNext();
  }

  #startNext(): void {
    const next = [...this.#groups].find(([, group]) => group.waiting.length > 0 && this.#mayRun(group));
    if (next === undefined) return;
    const [name, group] = next;
    this.#groups.delete(name); // its next turn comes after the others'
    this.#groups.set(name, group);
    this.#count(-1);
    const isLong = group.waiting.length > this.#limits.runningOfOne;
    this.#start(group, (isLong ? group.waiting.pop() : group.waiting.shift())!);
  }

  #count(change: 1 | -1): void {
    this.#waiting += change;
    this.#onWaiting(change);
  }
}
