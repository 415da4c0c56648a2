import { z } from "zod";

import { KubeError } from "../client/kube-error.ts";

/** An object of 1.5 MiB, the most that etcd takes, escaped as JSON. */
const MAX_BYTES_OF_A_LINE = 8 * 1024 * 1024;

const Event = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
  object: z.looseObject({ code: z.number().optional() }),
});
/** One event of a watch; `object` is a Status where the type is ERROR. */
export type WatchEvent = z.infer<typeof Event>;

/**
 * The events of a watch as they come, one JSON text a line. Throws KubeError at a line that is none: an event that was
 * passed over would leave the watcher with an old state for good.
 */
export async function* watchEvents(
  chunks: AsyncIterable<unknown>,
  read: (json: string) => Promise<unknown>,
): AsyncGenerator<WatchEvent> {
  for await (const line of linesOf(chunks)) {
    if (line.trim() === "") continue;
    const event = Event.safeParse(await read(line));
    if (!event.success) throw new KubeError("a line of the watch is not an event");
    yield event.data;
  }
}

async function* linesOf(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Buffer)) continue;
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString("utf8");
      parts = [];
      length = 0;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_BYTES_OF_A_LINE) throw new KubeError("a line of the watch is too long");
  }
}
