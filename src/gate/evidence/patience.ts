/** Ends something that was begun. May be called again. */
export type End = () => void;

interface Alarm {
  /** The `askedMs` at which it rings. */
  readonly at: number;
  readonly ring: () => void;
  timer?: NodeJS.Timeout;
}

/**
 * The time that a look-up has given its registry. It stands still while the look-up waits for the gate itself: for its turn,
 * for room, for a thread. A registry is slow, or silent, by this time alone: otherwise whoever keeps the gate busy could make
 * it use older evidence about an image of somebody else.
 */
export class Patience {
  readonly #clock: () => number;
  /** What it waits for now; the last one is the newest. */
  readonly #waits = new Set<{ readonly what: string }>();
  readonly #alarms = new Set<Alarm>();
  #askedMs = 0;
  #since: number;

  /** Runs from now on. `clock` counts ms. */
  constructor(clock = (): number => performance.now()) {
    this.#clock = clock;
    this.#since = clock();
  }

  /** How long the registry was asked, ms. */
  get askedMs(): number {
    return this.#askedMs + (this.#isPaused ? 0 : this.#clock() - this.#since);
  }

  /** What of the gate's own is waited for, with the limit and its setting; undefined while it is the registry. */
  get waitsFor(): string | undefined {
    return [...this.#waits].at(-1)?.what;
  }

  get #isPaused(): boolean {
    return this.#waits.size > 0;
  }

  /** Stops the clock until the result is called; of several at once, until the last of them has ended. */
  pause(what: string): End {
    const wait = { what };
    if (!this.#isPaused) this.#stop();
    this.#waits.add(wait);
    return () => {
      if (this.#waits.delete(wait) && !this.#isPaused) this.#run();
    };
  }

  /** Stops the clock until work is done, whichever way it ends. */
  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    const resume = this.pause(what);
    try {
      return await work();
    } finally {
      resume();
    }
  }

  /** Calls once the registry was asked for so many ms more. */
  after(milliseconds: number, ring: () => void): End {
    const alarm: Alarm = { at: this.askedMs + milliseconds, ring };
    this.#alarms.add(alarm);
    if (!this.#isPaused) this.#set(alarm);
    return () => {
      clearTimeout(alarm.timer);
      this.#alarms.delete(alarm);
    };
  }

  #set(alarm: Alarm): void {
    const ring = (): void => {
      this.#alarms.delete(alarm);
      alarm.ring();
    };
    alarm.timer = setTimeout(ring, Math.max(0, alarm.at - this.askedMs)).unref();
  }

  #run(): void {
    this.#since = this.#clock();
    for (const alarm of this.#alarms) this.#set(alarm);
  }

  #stop(): void {
    this.#askedMs += this.#clock() - this.#since;
    for (const { timer } of this.#alarms) clearTimeout(timer);
  }
}
