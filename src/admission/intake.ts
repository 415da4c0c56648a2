import type { Readable } from "node:stream";

import { Fault } from "../core/index.ts";

const KIB = 1024;
/** Bytes of a review: an object of etcd's 1.5 MiB twice, with room. */
const MAX_BODY = 7 * KIB * KIB;
/** Of each body so much has its place whatever else there is: pods are rarely larger. */
const ALWAYS = 64 * KIB;
/** The part of a body that says whose it is; the API server writes that first. */
const HEAD = 8 * KIB;

/** A body as it was taken in. */
export interface TakenBody {
  readonly bytes: Uint8Array;
  /** Where false, there was no room for more than the beginning. */
  readonly isWhole: boolean;
  /** When it began to arrive, as performance.now() counts. */
  readonly arrivedMs: number;
}

/** Reads bodies, all together in bounded memory. Throws Fault limits/exceeded, with HTTP status 413, past 7 MiB of one. */
export type Intake = (payload: Readable) => Promise<TakenBody>;

/**
 * An intake that holds at most `most` bytes of bodies on their way, besides the first 64 KiB of each. Where there is no
 * room a body is read to its end all the same, so that its sender listens to an answer, and only its head is kept.
 */
export function createIntake(most: number): Intake {
  let held = 0;
  return async (payload) => {
    const arrivedMs = performance.now();
    let chunks: Uint8Array[] = [];
    let [size, room, isWhole] = [0, 0, true];
    try {
      // Ended otherwise, the iterator would end the connection, and with it the answer.
      for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        if (size > MAX_BODY) throw tooLarge();
        if (!isWhole) continue;
        const more = Math.max(0, size - ALWAYS) - room;
        chunks.push(chunk);
        isWhole = held + more <= most;
        held += isWhole ? more : -room;
        room = isWhole ? room + more : 0;
        if (!isWhole) chunks = [headOf(chunks)];
      }
      return { bytes: Buffer.concat(chunks), isWhole, arrivedMs };
    } finally {
      held -= room;
    }
  };
}

/** A copy, which does not keep the rest in memory. */
function headOf(chunks: readonly Uint8Array[]): Uint8Array {
  return Buffer.from(Buffer.concat(chunks.slice(0, 2)).subarray(0, HEAD));
}

function tooLarge(): Fault {
  return Object.assign(new Fault("limits/exceeded", `the review is larger than ${MAX_BODY} bytes`), {
    statusCode: 413,
  });
}
