/**
 * A queue that serves its keys in turn, each key's items in their order: an image with many attachments delays another
 * one's by one attachment, and not by all of them.
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

  /** Takes the next item of the key whose turn it is; undefined where there is none. */
  shift(): T | undefined {
    const next = this.#byKey.entries().next();
    if (next.done === true) return undefined;
    const [key, items] = next.value;
    const item = items.shift();
    this.#byKey.delete(key);
    if (items.length > 0) this.#byKey.set(key, items);
    this.#length -= 1;
    return item;
  }

  /** Takes everything. */
  drain(): T[] {
    const items = [...this.#byKey.values()].flat();
    this.#byKey.clear();
    this.#length = 0;
    return items;
  }
}
