/** The part of the places that is kept for those who hold none. */
const RESERVE = 1 / 4;

/** How many of so many places one gets who is alone. */
export function mostAlone(places: number): number {
  return Math.max(1, Math.floor((places - reserveOf(places) + 1) / 2));
}

function reserveOf(places: number): number {
  return Math.floor(places * RESERVE);
}

/**
 * Places that many share. Anyone who holds some gets more as long as they do not hold more than are left free in
 * addition to a reserve of a quarter; anyone who holds none gets one as long as any is free. One alone gets three
 * eighths of the places, and to take the last of them someone needs as many names as there are places in the reserve.
 * Source: Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998.
 */
export class FairShare {
  readonly #places: number;
  readonly #reserve: number;
  /** Only those who hold something: names come from requests. */
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
    this.#reserve = reserveOf(places);
  }

  /** Places that are taken, of all together. */
  get taken(): number {
    return this.#taken;
  }

  /** Places that someone holds. */
  heldBy(who: string): number {
    return this.#held.get(who) ?? 0;
  }

  /** Whether someone may take so many more. */
  mayTake(who: string, count = 1): boolean {
    const held = this.heldBy(who);
    const free = this.#places - this.#taken;
    return held === 0 ? count <= free : held + count <= free - this.#reserve;
  }

  /** Takes places where that is allowed. */
  take(who: string, count = 1): boolean {
    if (!this.mayTake(who, count)) return false;
    this.#held.set(who, this.heldBy(who) + count);
    this.#taken += count;
    return true;
  }

  /** Gives places back. No one gives more than they hold. */
  give(who: string, count = 1): void {
    const given = Math.min(count, this.heldBy(who));
    const left = this.heldBy(who) - given;
    if (left === 0) this.#held.delete(who);
    else this.#held.set(who, left);
    this.#taken -= given;
  }
}
