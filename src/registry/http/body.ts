import { createHash, type Hash } from "node:crypto";

import type { Dispatcher } from "undici";

import { type Digest, Fault, GrowingBuffer, parseDigest } from "../../core/index.ts";
import { TooLong } from "./failures.ts";

/** Bytes that are taken at first for a body whose length is not announced. */
const UNANNOUNCED = 64 * 1024;
const REST_OF_A_REFUSAL = 16 * 1024; // read so that the connection can be used again

/** How a body is read. */
interface BodyOptions {
  /** Most bytes. */
  readonly limit: number;
  readonly host: string;
  /** By which algorithm it is hashed. */
  readonly algorithm?: "sha256" | "sha512" | undefined;
}

/** A body, and its digest where one is asked for. */
export interface ReadBody {
  readonly body: Buffer;
  readonly digest: Digest | undefined;
}

const NOTHING: ReadBody = { body: Buffer.alloc(0), digest: undefined };

/**
 * The body of a 200, read up to `limit` bytes; of any other status nothing. It is put together and hashed as it comes:
 * afterwards, a scan of 88 MiB would keep this thread from answering for a third of a second. Throws Fault
 * `limits/exceeded` past the limit and `registry/invalid` where the body is compressed: that was not asked for, and
 * unpacking it could be made to cost anything.
 */
export async function readBody(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { limit, host, algorithm }: BodyOptions,
): Promise<ReadBody> {
  if (statusCode !== 200) {
    await body.dump({ limit: REST_OF_A_REFUSAL });
    return NOTHING;
  }
  const coding = headers["content-encoding"] ?? "identity";
  const announced = Number(headers["content-length"] ?? "0");
  const whole = emptyFor(announced, limit);
  const hash = algorithm && { algorithm, hash: createHash(algorithm) };
  // Leaving the loop early ends the connection, however much is still on its way.
  for await (const chunk of bytesOf(body)) {
    if (coding !== "identity") throw new Fault("registry/invalid", `${host} sent a compressed body unasked`);
    if (Math.max(whole.bytes.length + chunk.length, announced) > limit) throw new TooLong(host, limit);
    whole.append(chunk);
    hash?.hash.update(chunk);
  }
  return { body: whole.bytes, digest: hash && digestIn(hash) };
}

function digestIn({
  algorithm,
  hash,
}: {
  readonly algorithm: string;
  readonly hash: Hash;
}): Digest | undefined {
  return parseDigest(`${algorithm}:${hash.digest("hex")}`);
}

/** Memory for what is announced, where something is. */
function emptyFor(announced: number, limit: number): GrowingBuffer {
  const length = Math.min(announced, limit);
  return length > 0 ? new GrowingBuffer(length, length) : new GrowingBuffer(limit, UNANNOUNCED);
}

async function* bytesOf(body: Dispatcher.ResponseData["body"]): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    if (!(chunk instanceof Buffer)) throw new Fault("registry/invalid", "the body is not made of bytes");
    yield chunk;
  }
}
