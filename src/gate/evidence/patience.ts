/** Ends something that was begun. May be called again. */
export type End = () => void;

/** From when on a request says by itself that its registry is slow, ms. */
const SLOW_MS = 500;

interface Alarm {
  /** The `askedMs` at which it rings. */
  readonly at: number;
  readonly ring: () => void;
  timer?: NodeJS.Timeout;
}

/**
 * The time that a look-up has given its registry. It stops while the look-up waits for the gate itself: for its turn,
 * for room, for a thread. A registry is slow, or silent, by this time alone: otherwise anyone who keeps the gate busy
 * could make it use older evidence about an image of someone else. It runs nevertheless while one of its requests is
 * left unanswered for long: of several, some nearly always wait for a connection, and how long one takes is the
 * registry's doing alone.
 */
export class Patience {
  readonly #clock: () => number;
  /** What it waits for now; the last one is the newest. */
  readonly #waits = new Set<{ readonly what: string }>();
  readonly #alarms = new Set<Alarm>();
  /** Requests under way for longer than SLOW_MS. */
  #slow = 0;
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
    return this.#isPaused ? [...this.#waits].at(-1)?.what : undefined;
  }

  get #isPaused(): boolean {
    return this.#waits.size > 0 && this.#slow === 0;
  }

  /** Stops the clock until the result is called; of several at once, until the last of them has ended. */
  pause(what: string): End {
    const wait = { what };
    this.#change(() => this.#waits.add(wait));
    return () => this.#change(() => this.#waits.delete(wait));
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

  /** Makes a request, and lets the clock run where it takes long, although the gate itself is waited for elsewhere. */
  async asking<T>(request: () => Promise<T>): Promise<T> {
    let slow = 0;
    const timer = setTimeout(() => {
      slow = 1;
      this.#change(() => (this.#slow += slow));
    }, SLOW_MS).unref();
    try {
      return await request();
    } finally {
      clearTimeout(timer);
      this.#change(() => (this.#slow -= slow));
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

  /** Stops the clock, or lets it run, where what has changed asks for it. */
  #change(work: () => void): void {
    const wasPaused = this.#isPaused;
    work();
    if (wasPaused && !this.#isPaused) this.#run();
    if (!wasPaused && this.#isPaused) this.#stop();
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
