import type { Attachment, Attachments, Digest } from "../core/index.ts";
import type { AttachedLayer } from "./attached-layers.ts";
import { type Budget, spend } from "./budget.ts";
import type { Collection } from "./collection.ts";
import { createIntake } from "./intake.ts";
import { readLegacyTag } from "./legacy-tags.ts";
import { readAttached } from "./read-attached.ts";
import { listByApi, listByTag, readReferrers } from "./referrers.ts";

/**
 * Everything that a registry holds about one digest, in at most three round trips once signed in: all places at
 * once, then all manifests, then all blobs. All forms are gathered; none hides another. Any Fault on the way
 * rejects the whole, since then it is not known what there is; requests under way are given up.
 */
export async function collectAttachments(task: Omit<Collection, "budget" | "intake">): Promise<Attachments> {
  const stop = new AbortController();
  const signal = AbortSignal.any([task.signal, stop.signal]);
  const budget: Budget = { left: task.limits.totalBytes };
  const collection = { ...task, signal, budget, intake: createIntake() };
  try {
    const [byApi, byTag, signatures, attestations] = await Promise.all([
      listByApi(collection),
      listByTag(collection),
      readLegacyTag(".sig", collection),
      readLegacyTag(".att", collection),
    ]);
    task.wanted.onListed?.();
    const referred = await readReferrers([...byApi, ...byTag], collection);
    const found = await readLayers([...signatures, ...attestations, ...referred], collection);
    const { intake, subject } = collection;
    return { subject, found, passedOver: intake.passedOver(), lookedAt: intake.places() };
  } finally {
    stop.abort();
  }
}

/** Each blob is read once, however many layers name it: cosign's payloads for one digest are often equal. */
async function readLayers(layers: readonly AttachedLayer[], collection: Collection): Promise<Attachment[]> {
  const { limits, budget, intake } = collection;
  const unique = new Map<Digest, AttachedLayer>();
  for (const each of layers) if (!unique.has(each.layer.digest)) unique.set(each.layer.digest, each);
  const { taken, left } = spend([...unique.values()], budget);
  for (const { form, layer } of left)
    intake.passOver(form, layer.digest, "too-large", "past the limit of bytes");
  const blobs = new Map<Digest, Buffer | undefined>();
  await Promise.all(
    taken.map(async ({ form, layer: descriptor }) => {
      const item = { kind: "blobs", form, descriptor, limit: limits.blobBytes } as const;
      blobs.set(descriptor.digest, await readAttached(item, collection));
    }),
  );
  return distinct(layers.flatMap(({ form, layer }) => attachment(form, layer, blobs.get(layer.digest))));
}

function attachment(
  form: AttachedLayer["form"],
  layer: AttachedLayer["layer"],
  bytes: Buffer | undefined,
): Attachment[] {
  const { mediaType, digest, annotations } = layer;
  return bytes === undefined ? [] : [{ form, mediaType, digest, bytes, annotations }];
}

/** The same layer may be found in two places. In cosign's own forms the annotations hold the signature. */
function distinct(attachments: readonly Attachment[]): Attachment[] {
  const unique = new Map<string, Attachment>();
  for (const each of attachments) {
    const annotations =
      each.form === "bundle" ? "" : Object.entries(each.annotations).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([each.form, each.digest, annotations]);
    if (!unique.has(key)) unique.set(key, each);
  }
  return [...unique.values()];
}
