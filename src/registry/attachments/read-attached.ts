import type { Descriptor } from "../descriptors.ts";
import { isOfContent } from "../http/failures.ts";
import type { Collection } from "./collection.ts";
import type { Item } from "./intake.ts";

/** Read past the announced size, so that an error page in place of a small blob is seen to be wrong bytes. */
const SLACK = 64 * 1024;

/** A manifest or blob that an attachment is made of. */
export interface AttachedItem extends Item {
  readonly kind: "manifests" | "blobs";
  readonly descriptor: Descriptor;
  readonly limit: { readonly bytes: number; readonly setting: string };
}

/**
 * What `open` makes of the bytes of a part of one attachment. Whatever keeps them from being read, its writer or its
 * registry, leaves a gap and gives undefined; other attachments are read nevertheless. Throws where the caller's time is over, and
 * where the gate is overloaded.
 */
export async function readAttached<T>(
  item: AttachedItem,
  { content, intake, signal }: Pick<Collection, "content" | "intake" | "signal">,
  open: (bytes: Buffer) => T | Promise<T>,
): Promise<T | undefined> {
  const { kind, descriptor, limit } = item;
  const { digest, size } = descriptor;
  if (size > limit.bytes) {
    intake.unread(item, "limits/exceeded", `larger than ${limit.bytes} bytes (${limit.setting})`);
    return undefined;
  }
  try {
    const most = Math.min(limit.bytes, size + SLACK);
    const bytes = await content.pinned(kind, digest, { limit: most, signal });
    if (bytes === undefined)
      intake.unread(item, "registry/incomplete", "listed, and not yet in the registry (HTTP 404)");
    if (bytes === undefined) return undefined;
    if (bytes.length <= size) return await open(bytes);
  } catch (error) {
    if (!isOfContent(error, signal)) throw error;
    intake.failed(item, error, `an attachment was not read: ${error.message}`);
    return undefined;
  }
  intake.unread(item, "registry/invalid", "an attachment is larger than its descriptor says");
  return undefined;
}
