import { Fault } from "../core/index.ts";
import { before } from "./single-flight.ts";

/** How many bytes of attachments are in memory. */
export interface RoomLimits {
  /** All collections together, bytes. One that takes more has its turn alone. */
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
  readonly #limits: RoomLimits;
  readonly #waiting = new Set<Waiting>();
  #held = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  /**
   * Waits until there is room, in the order of asking. Gives what gives it back, which may be called again. Rejects with
   * Fault limits/overloaded when the signal aborts first.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes <= this.#limits.always) return () => undefined;
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

  #giveBack(bytes: number): void {
    this.#held -= bytes;
    this.#beginNext();
  }

  #beginNext(): void {
    for (const waiting of this.#waiting) {
      if (this.#held > 0 && this.#held + waiting.bytes > this.#limits.atOnce) return;
      this.#waiting.delete(waiting);
      this.#held += waiting.bytes;
      waiting.begin();
    }
  }
}
