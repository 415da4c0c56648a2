import type { Readable } from "node:stream";

import { Fault, GrowingBuffer } from "../core/index.ts";

const KIB = 1024;
/** Bytes of a review that is read: an object of etcd's 1.5 MiB twice, with room. */
const MAX_READ = 7 * KIB * KIB;
/**
 * Bytes of a review that is answered. The API server's JSON has six characters for each `<`, `>`, `&` and control
 * character of an object, so that the largest one there can be, twice, is 18 MiB.
 */
const MAX_ANSWERED = 32 * KIB * KIB;
/** Of each body so much has its place whatever else there is: pods are rarely larger. */
const ALWAYS = 64 * KIB;
/** The part of a body that says whose it is; the API server writes that first. */
const HEAD = 8 * KIB;

/** A body as it was taken in. */
export interface BufferedBody {
  readonly bytes: Uint8Array;
  /** Why these are only its beginning: it is too large, or there was no room for it. Absent where they are all. */
  readonly unread?: Fault;
  /** When it began to arrive, as performance.now() counts. */
  readonly arrivedMs: number;
}

/**
 * Reads bodies, all together in bounded memory. `declared` is the length that the sender promised. Of one past 7 MiB
 * only the head is kept, so that its sender gets an answer and not a status that `failurePolicy: Ignore` lets pass.
 * Throws Fault limits/exceeded, with HTTP status 413, past 32 MiB, which no API server sends.
 */
export type Intake = (payload: Readable, declared?: number) => Promise<BufferedBody>;

/**
 * An intake that holds at most `most` bytes of bodies on their way, in addition to the first 64 KiB of each. Where
 * there is no room, the body gives way that has been on its way for the longest: the API server sends one at once, and
 * anyone who stalls must not keep it out. Of a body that gave way only the head is kept; it is read to its end all the
 * same, so that its sender listens to an answer.
 */
export function createIntake(most: number): Intake {
  const budget = new ByteBudget(most);
  return async (payload, declared) => {
    const arrivedMs = performance.now();
    const body = new Arriving(declared);
    let size = 0;
    try {
      // Ended otherwise, the iterator would end the connection, and with it the answer.
      for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        if (size > MAX_ANSWERED) throw tooLarge(MAX_ANSWERED);
        if (body.isWhole) takeIn(body, chunk, { budget, isReadable: size <= MAX_READ });
      }
      return { bytes: body.buffer.bytes, arrivedMs, ...(!body.isWhole && { unread: unreadFault(size) }) };
    } finally {
      budget.release(body);
    }
  };
}

/** A body of at most so many bytes, for endpoints of small ones. Throws Fault limits/exceeded, with HTTP status 413. */
export async function readSmallBody(payload: Readable, limit: number, declared?: number): Promise<Buffer> {
  if (declared !== undefined && declared > limit) throw tooLarge(limit);
  const buffer = new GrowingBuffer(declared, ALWAYS);
  for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    if (buffer.bytes.length + chunk.byteLength > limit) throw tooLarge(limit);
    buffer.append(chunk);
  }
  return buffer.bytes;
}

/** Keeps a part, or of it and all before it the head where it does not fit. */
function takeIn(
  body: Arriving,
  chunk: Uint8Array,
  { budget, isReadable }: { readonly budget: ByteBudget; readonly isReadable: boolean },
): void {
  const part = isReadable ? chunk : chunk.subarray(0, HEAD);
  const hasRoom = budget.reserve(body, body.buffer.capacityFor(part.byteLength) - ALWAYS);
  body.buffer.append(part);
  if (!hasRoom || !isReadable) budget.cut(body);
}

/** A body on its way. */
class Arriving {
  readonly buffer: GrowingBuffer;
  /** Bytes that it holds of the room. */
  reserved = 0;
  isWhole = true;

  constructor(declared: number | undefined) {
    this.buffer = new GrowingBuffer(declared, ALWAYS);
  }
}

/** The memory for what is more than small. */
class ByteBudget {
  readonly #most: number;
  /** Those that hold some, longest on their way first. */
  readonly #holders = new Set<Arriving>();
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes so many bytes in all for a body, at the cost of older ones; false where they cannot be had. */
  reserve(body: Arriving, bytes: number): boolean {
    const more = bytes - body.reserved;
    if (more <= 0) return true;
    if (bytes > this.#most) return false;
    this.#holders.add(body);
    for (const oldest of this.#holders) {
      if (this.#held + more <= this.#most) break;
      if (oldest === body) return false;
      this.cut(oldest);
    }
    this.#held += more;
    body.reserved = bytes;
    return true;
  }

  /** Makes a body give way. */
  cut(body: Arriving): void {
    body.isWhole = false;
    body.buffer.cutTo(HEAD);
    this.release(body);
  }

  release(body: Arriving): void {
    this.#held -= body.reserved;
    body.reserved = 0;
    this.#holders.delete(body);
  }
}

function unreadFault(size: number): Fault {
  return size > MAX_READ
    ? new Fault("limits/exceeded", `the review is larger than ${MAX_READ / KIB / KIB} MiB`)
    : new Fault("limits/overloaded", "too many large reviews in progress");
}

function tooLarge(limit: number): Fault {
  return Object.assign(new Fault("limits/exceeded", `the body is larger than ${limit} bytes`), {
    statusCode: 413,
  });
}
