import type { AttachmentForm } from "../core/index.ts";
import type { Collection } from "./collection.ts";
import type { Descriptor } from "./descriptors.ts";
import { TooLarge } from "./failures.ts";

/** Read past the announced size, so that an error page in place of a small blob is seen to be wrong bytes. */
const SLACK = 64 * 1024;

/** A manifest or blob that an attachment is made of. */
export interface AttachedItem {
  readonly kind: "manifests" | "blobs";
  readonly form: AttachmentForm;
  readonly descriptor: Descriptor;
  readonly limit: number;
}

/**
 * The bytes of a part of one attachment. What only its writer can have caused (too large, larger than announced,
 * not there) passes over this attachment and gives undefined; whatever the registry causes is a Fault, since then
 * nobody knows what is attached.
 */
export async function readAttached(item: AttachedItem, collection: Collection): Promise<Buffer | undefined> {
  const { content, intake, signal } = collection;
  const { kind, form, descriptor, limit } = item;
  const { digest, size } = descriptor;
  if (size > limit) {
    intake.passOver(form, digest, "too-large", `larger than the limit of ${limit} bytes`);
    return undefined;
  }
  try {
    const bytes = await content.pinned(kind, digest, { limit: Math.min(limit, size + SLACK), signal });
    if (bytes === undefined) intake.passOver(form, digest, "unsupported", "listed, but not in the registry");
    if (bytes === undefined || bytes.length <= size) return bytes;
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
  intake.passOver(form, digest, "too-large", "larger than its descriptor says");
  return undefined;
}
