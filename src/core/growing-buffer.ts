const FIRST = 4096;

/**
 * Bytes that arrive in parts of any size, in one piece: a sender of single bytes would make a list of them cost hundreds
 * of times what it sent.
 */
export class GrowingBuffer {
  readonly #declared: number | undefined;
  #buffer: Buffer;
  #size = 0;

  /** `declared` is the length that the sender promised, as far as it did; at most `atFirst` is taken ahead for it. */
  constructor(declared: number | undefined, atFirst: number) {
    this.#declared = declared;
    this.#buffer = Buffer.allocUnsafe(Math.min(declared ?? FIRST, atFirst));
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  /** Bytes of memory that it would take with so many more. */
  capacityFor(more: number): number {
    const needed = this.#size + more;
    if (needed <= this.#buffer.length) return this.#buffer.length;
    const doubled = Math.max(needed, this.#buffer.length * 2);
    return this.#declared === undefined ? doubled : Math.max(needed, Math.min(doubled, this.#declared));
  }

  append(chunk: Uint8Array): void {
    const capacity = this.capacityFor(chunk.byteLength);
    if (capacity > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(capacity);
      this.bytes.copy(larger);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#size);
    this.#size += chunk.byteLength;
  }

  /** Keeps the first bytes only, in memory of their size. */
  cutTo(size: number): void {
    this.#buffer = Buffer.from(this.bytes.subarray(0, size));
    this.#size = this.#buffer.length;
  }
}
