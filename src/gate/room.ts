import { Fault } from "../core/index.ts";
import { before } from "./single-flight.ts";

/** How many bytes of attachments are in memory. */
export interface RoomLimits {
  /** All collections together, bytes. Of those that take more, one at a time has its turn besides. */
  readonly atOnce: number;
  /** Attachments of one image that never wait, bytes: signatures and provenance are rarely larger. */
  readonly always: number;
}

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * Room for the attachments that collections hold, from before they are read until they are verified: whoever may push images
 * with large attachments must not be able to fill the memory with many of them at once.
 */
export class Room {
  readonly #always: number;
  readonly #atOnce: number;
  readonly #usual: Lane;
  /** One large scan must not keep the provenance of others waiting while it is verified. */
  readonly #large = new Lane(0);

  constructor({ always, atOnce }: RoomLimits) {
    this.#always = always;
    this.#atOnce = atOnce;
    this.#usual = new Lane(atOnce);
  }

  /**
   * Waits until there is room, in the order of asking. Gives what gives it back, which may be called again. Rejects with
   * Fault limits/overloaded when the signal aborts first.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes <= this.#always) return () => undefined;
    return await (bytes > this.#atOnce ? this.#large : this.#usual).take(bytes, signal);
  }

  /**
   * Does work that may take room, and gives it back at the end; before it takes more, too, since whoever waits must hold
   * nothing that others wait for.
   */
  async during<T>(
    signal: AbortSignal,
    work: (take: (bytes: number) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    let giveBack: (() => void) | undefined;
    try {
      return await work(async (bytes) => {
        giveBack?.();
        giveBack = await this.take(bytes, signal);
      });
    } finally {
      giveBack?.();
    }
  }
}

/** Room of one size, given in the order of asking. What takes more than there is has it alone. */
class Lane {
  readonly #size: number;
  readonly #waiting = new Set<Waiting>();
  #held = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** As `take` of Room says. */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = { bytes, begin: resolve };
    this.#waiting.add(waiting);
    this.#beginNext();
    try {
      await before(signal, promise, "waiting for room in memory");
    } catch {
      this.#waiting.delete(waiting);
      promise.then(() => this.#giveBack(bytes)).catch(() => undefined); // where both came at once
      this.#beginNext();
      throw new Fault("limits/overloaded", `there was no room for ${bytes} bytes of attachments in time`);
    }
    let isHeld = true;
    return () => {
      if (isHeld) this.#giveBack(bytes);
      isHeld = false;
    };
  }

  #giveBack(bytes: number): void {
    this.#held -= bytes;
    this.#beginNext();
  }

  #beginNext(): void {
    for (const waiting of this.#waiting) {
      if (this.#held > 0 && this.#held + waiting.bytes > this.#size) return;
      this.#waiting.delete(waiting);
      this.#held += waiting.bytes;
      waiting.begin();
    }
  }
}
