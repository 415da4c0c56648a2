import { type Attachment, type Attachments, type Digest, linkAbort } from "../core/index.ts";
import type { AttachedLayer } from "./attached-layers.ts";
import { type Budget, spend } from "./budget.ts";
import type { Collection } from "./collection.ts";
import { createIntake } from "./intake.ts";
import { readLegacyTag } from "./legacy-tags.ts";
import { type PlaceName, PLACES } from "./places.ts";
import { readAttached } from "./read-attached.ts";
import { listByApi, listByTag, readReferrers } from "./referrers.ts";

/** Why requests under way are given up; one for all, since making one takes as long as a request's headers. */
const OVER = new Error("what is attached is known, or cannot be");

/**
 * Everything that a registry holds about one digest, in at most three round trips once signed in: all places at
 * once, then all manifests, then all blobs. All forms are gathered; none hides another. Where a part may do, the usual
 * places are asked alone, and the others only where those hold nothing. Any Fault on the way rejects the whole, since
 * then it is not known what there is; requests under way are given up.
 */
export async function collectAttachments(task: Omit<Collection, "budget" | "intake">): Promise<Attachments> {
  const { signal, abort } = linkAbort(task.signal);
  const budget: Budget = { left: task.limits.totalBytes };
  const collection = { ...task, signal, budget, intake: createIntake() };
  const { intake, subject, usual, wanted } = collection;
  const first = wanted.usualPlaces === true && usual.length > 0 ? usual : PLACES;
  const others = PLACES.filter((place) => !first.includes(place));
  try {
    const found = await readPlaces(first, collection, wanted.onListed);
    const isPartial = others.length > 0 && found.length > 0;
    if (!isPartial && others.length > 0) found.push(...(await readPlaces(others, collection)));
    const notes = { passedOver: intake.passedOver(), gaps: intake.gaps(), lookedAt: intake.places() };
    return { subject, found: distinct(found), ...notes, ...(isPartial && { isPartial }) };
  } finally {
    abort(OVER);
  }
}

async function readPlaces(
  places: readonly PlaceName[],
  collection: Collection,
  onListed?: () => void,
): Promise<Attachment[]> {
  const asks = (place: PlaceName): boolean => places.includes(place);
  const [byApi, byTag, signatures, attestations] = await Promise.all([
    asks("referrers API") ? listByApi(collection) : [],
    asks("fallback tag") ? listByTag(collection) : [],
    asks(".sig tag") ? readLegacyTag(".sig", collection) : [],
    asks(".att tag") ? readLegacyTag(".att", collection) : [],
  ]);
  onListed?.();
  const listed = new Set(byApi.map(({ digest }) => digest));
  const held: Readonly<Record<PlaceName, boolean>> = {
    "referrers API": byApi.length > 0,
    "fallback tag": byTag.some(({ digest }) => !listed.has(digest)), // what the API lists as well needs no second look
    ".sig tag": signatures.length > 0,
    ".att tag": attestations.length > 0,
  };
  collection.held(PLACES.filter((place) => held[place]));
  const referred = await readReferrers([...byApi, ...byTag], collection);
  return readLayers([...signatures, ...attestations, ...referred], collection);
}

/** Each blob is read once, however many layers name it: cosign's payloads for one digest are often equal. */
async function readLayers(layers: readonly AttachedLayer[], collection: Collection): Promise<Attachment[]> {
  const { limits, budget, intake, wanted } = collection;
  const unique = new Map<Digest, AttachedLayer>();
  for (const each of layers) if (!unique.has(each.layer.digest)) unique.set(each.layer.digest, each);
  const { taken, left } = spend([...unique.values()], budget);
  for (const { form, layer } of left)
    intake.passOver(form, layer.digest, "too-large", "past the limit of bytes");
  await wanted.takeRoom?.(taken.reduce((sum, { size }) => sum + size, 0));
  const blobs = new Map<Digest, Buffer | undefined>();
  await Promise.all(
    taken.map(async ({ form, layer: descriptor }) => {
      const item = { kind: "blobs", form, descriptor, limit: limits.blobBytes } as const;
      blobs.set(descriptor.digest, await readAttached(item, collection));
    }),
  );
  return layers.flatMap(({ form, layer }) => attachment(form, layer, blobs.get(layer.digest)));
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
