import { ANNOTATIONS, type Digest, Fault } from "../core/index.ts";
import type { ListTask } from "./attachments/read-list.ts";
import type { Content } from "./content.ts";
import { type Descriptor, INDEX_TYPES } from "./descriptors.ts";
import type { ReadDocument } from "./documents.ts";
import type { RegistryLimits } from "./settings.ts";

/** Levels of indexes within indexes that are opened. */
export const MAX_DEPTH = 3;

/** What reading a tag, or an index and what it leads to, needs. */
export interface ReadTask extends Pick<ListTask, "reserveBytes"> {
  readonly content: Content;
  readonly read: ReadDocument;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
}

/**
 * The platform images of an index, in its order, each once; indexes within it are opened, three levels deep.
 * BuildKit's attestation manifests are left out: they are unsigned, and run nowhere. Undefined where the digest is
 * not an index or the registry has none of it. Throws Fault `limits/exceeded` for too many or too deep.
 */
export async function listChildren(index: Digest, task: ReadTask): Promise<Digest[] | undefined> {
  const entries = await entriesOf(index, task);
  if (entries === undefined) return undefined;
  const children = new Set<Digest>();
  await walk(entries, { ...task, children, depth: 1 });
  return [...children];
}

interface Walk extends ReadTask {
  readonly children: Set<Digest>;
  readonly depth: number;
}

async function walk(entries: readonly Descriptor[], state: Walk): Promise<void> {
  const { children, limits, depth } = state;
  for (const entry of entries) {
    if (isAttestation(entry)) continue;
    if (!INDEX_TYPES.includes(entry.mediaType)) children.add(entry.digest);
    else await descend(entry.digest, { ...state, depth: depth + 1 });
    if (children.size > limits.children)
      throw new Fault("limits/exceeded", `the index lists more than ${limits.children} platform images`);
  }
}

async function descend(index: Digest, state: Walk): Promise<void> {
  if (state.depth > MAX_DEPTH)
    throw new Fault("limits/exceeded", `indexes are nested more than ${MAX_DEPTH} levels deep`);
  const entries = await entriesOf(index, state);
  if (entries === undefined) throw new Fault("registry/invalid", "an index lists an index that is not there");
  await walk(entries, state);
}

async function entriesOf(
  digest: Digest,
  { content, read, limits, signal }: ReadTask,
): Promise<readonly Descriptor[] | undefined> {
  const bytes = await content.pinned("manifests", digest, { limit: limits.manifestBytes, signal });
  if (bytes === undefined) return undefined;
  const { entries } = await read("image", bytes, limits.children * 2);
  if (entries === undefined) return undefined;
  const { descriptors, unreadable, surplus } = entries;
  if (unreadable > 0) throw new Fault("registry/invalid", "the index lists something unreadable");
  if (surplus > 0)
    throw new Fault("limits/exceeded", `the index has more than ${limits.children * 2} entries`);
  return descriptors;
}

function isAttestation({ annotations, platform }: Descriptor): boolean {
  if (annotations[ANNOTATIONS.referenceType] === "attestation-manifest") return true;
  return platform?.os === "unknown" && platform.architecture === "unknown";
}
