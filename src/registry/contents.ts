import { type Digest, digestOf, Fault, type ImageContents, readJson } from "../core/index.ts";
import { type ChildrenTask, MAX_DEPTH } from "./children.ts";
import { Index, INDEX_TYPES, Manifest, readDescriptors } from "./descriptors.ts";

interface Walk extends ChildrenTask {
  readonly digests: Set<Digest>;
  readonly parts: Set<Digest>;
}

/**
 * Under which digests an image's bytes are known, and what an index leads to; undefined where the registry has none of it.
 * Nothing is left out that a runtime might run: what an index says of an entry decides nothing. Throws Fault `limits/exceeded`
 * for too many entries or too deep, `registry/invalid` for what cannot be read.
 */
export async function readContents(image: Digest, task: ChildrenTask): Promise<ImageContents | undefined> {
  const walk: Walk = { ...task, digests: new Set([image]), parts: new Set() };
  const bytes = await bytesOf(image, walk);
  if (bytes === undefined) return undefined;
  for (const digest of namesOf(bytes)) walk.digests.add(digest);
  await addEntries(bytes, walk, 1);
  return { digests: [...walk.digests], parts: [...walk.parts] };
}

async function addEntries(bytes: Buffer, walk: Walk, depth: number): Promise<void> {
  const document = readJson(bytes);
  if (Manifest.safeParse(document).success) return;
  const index = Index.safeParse(document).data;
  if (index === undefined)
    throw new Fault("registry/invalid", "the image is neither a manifest nor an index");
  const most = walk.limits.children * 2;
  const { descriptors, unreadable, surplus } = readDescriptors(index.manifests, most);
  if (unreadable > 0) throw new Fault("registry/invalid", "the index lists something unreadable");
  if (surplus > 0) throw new Fault("limits/exceeded", `the index has more than ${most} entries`);
  for (const { digest, mediaType } of descriptors) {
    walk.parts.add(digest);
    if (INDEX_TYPES.includes(mediaType)) await descend(digest, walk, depth + 1);
  }
}

async function descend(index: Digest, walk: Walk, depth: number): Promise<void> {
  if (depth > MAX_DEPTH)
    throw new Fault("limits/exceeded", `indexes are nested more than ${MAX_DEPTH} levels deep`);
  const bytes = await bytesOf(index, walk);
  if (bytes === undefined) throw new Fault("registry/invalid", "an index lists an index that is not there");
  for (const digest of namesOf(bytes)) walk.parts.add(digest);
  await addEntries(bytes, walk, depth);
}

function bytesOf(digest: Digest, { content, limits, signal }: ChildrenTask): Promise<Buffer | undefined> {
  return content.pinned("manifests", digest, { limit: limits.manifestBytes, signal });
}

/** Every digest that bytes have. */
function namesOf(bytes: Buffer): Digest[] {
  return [digestOf(bytes, "sha256"), digestOf(bytes, "sha512")];
}
