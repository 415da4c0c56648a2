import {
  type Attachment,
  type AttachmentBatch,
  eachAtMost,
  mostAlone,
  predicateHint,
} from "../../core/index.ts";
import type { AttachedLayer } from "./attached-layers.ts";
import { spend } from "./budget.ts";
import type { Collection } from "./collection.ts";
import { createIntake, type Item } from "./intake.ts";
import { readAttached } from "./read-attached.ts";

/** Bytes that are in memory at once for one image, unless a single attachment has more. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Attachments of one batch, which are verified side by side. */
const BATCH_COUNT = 256;

/** A blob and the layers that name it: cosign's payloads for one digest are often equal. */
interface Blob {
  readonly layers: readonly AttachedLayer[];
  /**
   * The largest that any of them announces and that may be read, bytes; the smallest where none may be. Anyone who
   * writes a manifest writes the size, too, so a false one on another's blob must not keep it from being read.
   */
  readonly size: number;
}

/**
 * Chooses what is read, in the order given: as many as the limits of number and bytes allow, the rest being gaps. What is
 * chosen comes in batches, small ones first, so that a large one keeps nothing waiting and at most one is in memory.
 */
export function planBatches(
  layers: readonly AttachedLayer[],
  { limits, budget, intake }: Collection,
): (readonly Blob[])[] {
  const { attachments, totalBytes } = limits;
  for (const layer of layers.slice(attachments)) {
    const message = `attachments past the newest ${attachments} (registries.limits.attachments)`;
    intake.unread(itemOf(layer), "limits/exceeded", message);
  }
  const byDigest = Map.groupBy(layers.slice(0, attachments), ({ layer }) => layer.digest);
  const blobs = [...byDigest.values()].map((same) => ({
    layers: same,
    size: sizeOf(same, limits.blobBytes),
  }));
  const { readable, tooLarge } = Object.groupBy(blobs, ({ size }) =>
    size <= limits.blobBytes ? "readable" : "tooLarge",
  );
  for (const { layers: same } of tooLarge ?? []) {
    const message = `an attachment is larger than ${limits.blobBytes} bytes (registries.limits.blobBytes)`;
    for (const layer of same) intake.unread(itemOf(layer), "limits/exceeded", message);
  }
  const { taken, left } = spend(readable ?? [], budget);
  for (const { layers: same } of left) {
    const message = `attachments past ${totalBytes} bytes in all (registries.limits.totalBytes)`;
    for (const layer of same) intake.unread(itemOf(layer), "limits/exceeded", message);
  }
  return batchesOf(taken.toSorted((a, b) => a.size - b.size));
}

function sizeOf(layers: readonly AttachedLayer[], most: number): number {
  const sizes = layers.map(({ size }) => size);
  const readable = sizes.filter((size) => size <= most);
  return readable.length > 0 ? Math.max(...readable) : Math.min(...sizes);
}

function batchesOf(blobs: readonly Blob[]): Blob[][] {
  const batches: Blob[][] = [];
  let [bytes, count] = [0, 0];
  for (const blob of blobs) {
    const last = batches.at(-1);
    const fits = bytes + blob.size <= BATCH_BYTES && count + blob.layers.length <= BATCH_COUNT;
    if (last !== undefined && fits) {
      last.push(blob);
      bytes += blob.size;
      count += blob.layers.length;
    } else {
      batches.push([blob]);
      [bytes, count] = [blob.size, blob.layers.length];
    }
  }
  return batches;
}

/** Reads one batch once there is room for it. Each blob is read once, however many layers name it. */
export async function readBatch(
  batch: readonly Blob[],
  collection: Pick<Collection, "content" | "intake" | "signal" | "limits" | "wanted">,
): Promise<Attachment[]> {
  const { limits, wanted } = collection;
  await wanted.reserveBytes?.(batch.reduce((sum, { size }) => sum + size, 0));
  const found: Attachment[][] = [];
  await eachAtMost(mostAlone(limits.connectionsPerHost), batch, async ({ layers, size }, at) => {
    const [first] = layers;
    const limit = { bytes: limits.blobBytes, setting: "registries.limits.blobBytes" };
    const descriptor = { ...first!.layer, size };
    const read = await readAttached(
      { kind: "blobs", descriptor, limit, ...itemOf(first!), predicateType: typeOf(layers) },
      collection,
      (bytes) => layers.map((layer) => attachment(layer, bytes)),
    );
    found[at] = read ?? [];
  });
  return distinct(found.flat());
}

/** Batch after batch, each read when it is asked for. */
export async function* readBatches(
  batches: readonly (readonly Blob[])[],
  collection: Omit<Collection, "intake">,
): AsyncGenerator<AttachmentBatch> {
  for (const batch of batches) {
    const intake = createIntake();
    const found = await readBatch(batch, { ...collection, intake });
    yield { found, skipped: intake.skipped(), gaps: intake.gaps() };
  }
}

function itemOf({ form, layer, annotations }: AttachedLayer): Item {
  return { form, digest: layer.digest, predicateType: predicateHint(annotations) };
}

/** What all layers say of one blob; nothing where they differ. */
function typeOf(layers: readonly AttachedLayer[]): string | undefined {
  const hints = new Set(layers.map(({ annotations }) => predicateHint(annotations)));
  return hints.size === 1 ? [...hints][0] : undefined;
}

function attachment({ form, layer, annotations }: AttachedLayer, bytes: Buffer): Attachment {
  const { mediaType, digest } = layer;
  return { form, mediaType, digest, bytes, annotations };
}

/**
 * The same layer may be found in two places. In cosign's own forms the annotations hold the signature; of a bundle they
 * are hints, and hints that differ say nothing.
 */
function distinct(attachments: readonly Attachment[]): Attachment[] {
  const unique = new Map<string, Attachment>();
  for (const each of attachments) {
    const annotations =
      each.form === "bundle" ? "" : Object.entries(each.annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([each.form, each.digest, annotations]);
    const known = unique.get(key);
    if (known === undefined) unique.set(key, each);
    else if (predicateHint(known.annotations) !== predicateHint(each.annotations))
      unique.set(key, { ...known, annotations: {} });
  }
  return [...unique.values()];
}
