import { write } from "node:fs";

/** Bytes of one write. */
const MAX_WRITE = 64 * 1024;
/** When a pipe whose reader is slow is tried again, ms. */
const RETRY_MS = 20;
/** After a write lines gather for so long: a write costs as much as making a dozen lines. */
const GATHER_MS = 10;
const MIB = 1024 * 1024;

/** Where log lines go. It never throws and never blocks: a log that cannot be written must not stop the gate. */
export interface LogSink {
  readonly write: (line: string) => void;
  /** Resolves when every line is written or dropped, or after so many ms. */
  readonly flush: (withinMs: number) => Promise<void>;
  /** Whether the operating system has not come back from a write, such as one to a pipe that no one reads. */
  readonly isStuck: () => boolean;
}

export interface LogSinkOptions {
  /** Descriptor of a file, a pipe or a socket. */
  readonly fd: number;
  /** Called with the number of lines that were given up: the disk is full, or lines come faster than they are read. */
  readonly onDropped: (lines: number) => void;
  /** Bytes of lines that wait; past it new ones are dropped. */
  readonly maxBytes?: number;
}

/** Writes lines in their order, each whole or not at all as far as the descriptor allows. */
export function createLogSink(options: LogSinkOptions): LogSink {
  const queue = new LineQueue(options);
  return {
    write: (line) => queue.push(line),
    flush: (withinMs) => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs));
      queue.hurry();
      return Promise.race([queue.idle, late]);
    },
    isStuck: () => queue.isInFlight,
  };
}

/** Lines that wait for the descriptor, one write at a time. A line is written at once where none was for a while. */
class LineQueue {
  readonly #fd: number;
  readonly #onDropped: (lines: number) => void;
  readonly #maxBytes: number;
  #lines: string[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isGathering = false;
  /** Whether the last write left half a line behind. */
  #isTorn = false;
  #idle = Promise.withResolvers<void>();
  /** Whether the operating system has a write of ours. */
  isInFlight = false;

  constructor({ fd, onDropped, maxBytes = 4 * MIB }: LogSinkOptions) {
    this.#fd = fd;
    this.#onDropped = onDropped;
    this.#maxBytes = maxBytes;
    this.#idle.resolve();
  }

  /** Resolves when nothing waits. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  push(line: string): void {
    if (this.#waitingBytes + line.length > this.#maxBytes) return this.#onDropped(1);
    if (!this.#isWriting && this.#lines.length === 0) this.#idle = Promise.withResolvers();
    this.#lines.push(line);
    this.#waitingBytes += line.length;
    if (!this.#isGathering) this.#pump();
  }

  /** Lets no more lines gather. */
  hurry(): void {
    this.#isGathering = false;
    this.#pump();
  }

  #pump(): void {
    if (this.#isWriting || this.#lines.length === 0) return;
    const batch = this.#takeBatch();
    this.#isWriting = true;
    this.#send(Buffer.from(`${this.#isTorn ? "\n" : ""}${batch.join("")}`), batch.length);
  }

  #takeBatch(): string[] {
    let [count, bytes] = [0, 0];
    while (count < this.#lines.length && (count === 0 || bytes + this.#lines[count]!.length <= MAX_WRITE)) {
      bytes += this.#lines[count]!.length;
      count += 1;
    }
    const batch = this.#lines.slice(0, count);
    this.#lines = this.#lines.slice(count);
    this.#waitingBytes -= bytes;
    return batch;
  }

  #send(rest: Buffer, lines: number): void {
    this.isInFlight = true;
    write(this.#fd, rest, (error, written) => {
      this.isInFlight = false;
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.#send(rest, lines), RETRY_MS).unref();
      } else if (error === null && written < rest.length) {
        this.#isTorn = true;
        this.#send(rest.subarray(written), lines);
      } else this.#settle(error === null, lines);
    });
  }

  #settle(isWritten: boolean, lines: number): void {
    if (isWritten) this.#isTorn = false;
    else this.#onDropped(lines);
    this.#isWriting = false;
    if (this.#lines.length === 0) this.#idle.resolve();
    if (this.#waitingBytes >= MAX_WRITE) return this.#pump();
    this.#isGathering = true;
    setTimeout(() => this.hurry(), GATHER_MS);
  }
}
