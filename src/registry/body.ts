import type { Dispatcher } from "undici";

import { Fault } from "../core/index.ts";
import { TooLong } from "./failures.ts";

const REST_OF_A_REFUSAL = 16 * 1024; // read so that the connection can be used again

/**
 * The body of a 200, read up to `limit` bytes; of any other status nothing. Throws Fault `limits/exceeded` past
 * the limit and `registry/invalid` where the body is compressed: that was not asked for, and unpacking it could
 * be made to cost anything.
 */
export async function readBody(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  limit: number,
  host: string,
): Promise<Buffer> {
  if (statusCode !== 200) {
    await body.dump({ limit: REST_OF_A_REFUSAL });
    return Buffer.alloc(0);
  }
  const coding = headers["content-encoding"] ?? "identity";
  const announced = Number(headers["content-length"] ?? "0");
  // Leaving the loop early ends the connection, however much is still on its way.
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(body)) {
    if (coding !== "identity") throw new Fault("registry/invalid", `${host} sent a compressed body unasked`);
    length += chunk.length;
    if (length > limit || announced > limit) throw new TooLong(host, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

async function* bytesOf(body: Dispatcher.ResponseData["body"]): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    if (!(chunk instanceof Buffer)) throw new Fault("registry/invalid", "the body is not made of bytes");
    yield chunk;
  }
}
