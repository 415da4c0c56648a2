/** What `FairQueue.shift` does with the next item of a key: take it, read the next key, or take nothing at all. */
export type Turn = "take" | "skip" | "stop";

/**
 * A queue that serves its keys in turn, each key's items in their order: anyone who has many items delays another by
 * one of them, and not by all.
 */
export class FairQueue<T> {
  /** Insertion order is the order of turns: a key that was served goes to the end. */
  readonly #byKey = new Map<string, T[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Puts an item behind the others of its key. */
  push(key: string, item: T): void {
    const items = this.#byKey.get(key);
    if (items === undefined) this.#byKey.set(key, [item]);
    else items.push(item);
    this.#length += 1;
  }

  /**
   * Takes the next item of the key whose turn it is, or of the first key after it that `turn` does not skip; undefined where
   * there is none. A key that is skipped keeps its place.
   */
  shift(turn: (key: string, item: T) => Turn = () => "take"): T | undefined {
    for (const [key, items] of this.#byKey) {
      const [item] = items;
      const decision = turn(key, item!);
      if (decision === "stop") return undefined;
      if (decision === "skip") continue;
      items.shift();
      this.#byKey.delete(key);
      if (items.length > 0) this.#byKey.set(key, items);
      this.#length -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes an item out before its turn; false where it is not in the queue. */
  remove(key: string, item: T): boolean {
    const items = this.#byKey.get(key) ?? [];
    const at = items.indexOf(item);
    if (at < 0) return false;
    items.splice(at, 1);
    if (items.length === 0) this.#byKey.delete(key);
    this.#length -= 1;
    return true;
  }

  /** Takes everything. */
  drain(): T[] {
    const items = [...this.#byKey.values()].flat();
    this.#byKey.clear();
    this.#length = 0;
    return items;
  }
}

/** Fair queues in groups: groups have their turns one after the other, and in each its keys. */
export class GroupedFairQueue<T> {
  readonly #byGroup = new Map<string, FairQueue<T>>();

  /** Puts an item behind the others of its group and key. */
  push(group: string, key: string, item: T): void {
    const items = this.#byGroup.get(group) ?? new FairQueue<T>();
    items.push(key, item);
    this.#byGroup.set(group, items);
  }

  /** Takes the next item of the group whose turn it is; undefined where there is none. */
  shift(): T | undefined {
    const [group, items] = this.#byGroup.entries().next().value ?? [];
    if (group === undefined || items === undefined) return undefined;
    const item = items.shift();
    this.#byGroup.delete(group);
    if (items.length > 0) this.#byGroup.set(group, items);
    return item;
  }

  /** Takes everything. */
  drain(): T[] {
    const items = [...this.#byGroup.values()].flatMap((each) => each.drain());
    this.#byGroup.clear();
    return items;
  }
}
