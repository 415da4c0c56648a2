import { type Digest, digestOf, Fault, type ImageContents } from "../core/index.ts";
import { type ListTask, readList } from "./attachments/read-list.ts";
import { createTurns } from "./auth/turns.ts";
import { MAX_DEPTH, type ReadTask } from "./children.ts";
import { type Descriptor, MANIFEST_TYPES } from "./descriptors.ts";
import type { ImageDocument } from "./documents.ts";

/** Documents that are read side by side; an ordinary index of two platforms, attestations included, lists as many. */
const AT_ONCE = 4;

interface Walk extends ReadTask, Pick<ListTask, "listBudget" | "inTurn"> {
  /** What was listed so far, each to be read once, and the image itself. */
  readonly listed: Set<Digest>;
  readonly parts: Set<Digest>;
  /** What is listed, at least once, as something else than a manifest, or by another digest than lists of revocations use. */
  readonly needed: Set<Digest>;
  readonly absent: Set<Digest>;
  /** Annotations by which what was read is a checkpoint. */
  readonly checkpoints: Set<string>;
}

/**
 * Under which digests an image's bytes are known, and what an index leads to; undefined where the registry has none of it.
 * Nothing is left out that a runtime might run: what an index says of an entry decides nothing, so that every entry is read,
 * once. One that is listed as a manifest, by its sha256, may be absent, as in indexes whose platforms were copied only in part: it
 * cannot be run from there, and what it is called is known. Throws Fault `limits/exceeded` for too many entries, too many bytes or too deep, `registry/invalid` for what
 * cannot be read, or not in one way.
 */
export async function readContents(image: Digest, task: ReadTask): Promise<ImageContents | undefined> {
  const walk: Walk = {
    ...task,
    inTurn: createTurns(),
    listed: new Set([image]),
    parts: new Set(),
    needed: new Set(),
    absent: new Set(),
    checkpoints: new Set(),
    listBudget: { left: task.limits.listBytes },
  };
  const top = await readOne(image, walk);
  if (top === undefined) return undefined;
  let entries = freshOf(top, walk);
  for (let depth = 1; entries.length > 0; depth += 1) {
    if (depth > MAX_DEPTH)
      throw new Fault("limits/exceeded", `indexes are nested more than ${MAX_DEPTH} levels deep`);
    entries = await readLevel(entries, walk);
  }
  if ([...walk.absent].some((digest) => walk.needed.has(digest)))
    throw new Fault(
      "registry/invalid",
      "an index lists something that is not there, and not as a manifest with a sha256 digest",
    );
  const [checkpoint] = walk.checkpoints;
  const digests = [...new Set([image, ...top.names])];
  const isAttested = top.entries?.descriptors.some(isBuildKits) === true;
  return {
    digests,
    parts: [...walk.parts],
    absent: [...walk.absent],
    ...(isAttested && { hasUnsignedProvenance: true }),
    checkpoint,
  };
}

/** Source: docs.docker.com, "Image attestation storage". */
function isBuildKits({ annotations }: Descriptor): boolean {
  return annotations["vnd.docker.reference.type"] === "attestation-manifest";
}

/** Reads entries, and gives those that they list in turn. Nothing more is asked for once one of them fails. */
async function readLevel(entries: readonly Digest[], walk: Walk): Promise<Digest[]> {
  const next: Digest[] = [];
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const some = entries.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map((entry) => readEntry(entry, walk)));
    next.push(...found.flat());
  }
  return next;
}

async function readEntry(entry: Digest, walk: Walk): Promise<Digest[]> {
  const one = await readOne(entry, walk);
  if (one === undefined) {
    walk.absent.add(entry);
    return [];
  }
  for (const digest of one.names) walk.parts.add(digest);
  return freshOf(one, walk);
}

/** An index or a manifest, and every digest that its bytes have. */
interface Document extends ImageDocument {
  readonly names: readonly Digest[];
}

/** What an index lists and nothing before it did; nothing of a manifest. */
function freshOf({ entries, checkpoint }: Document, walk: Walk): Digest[] {
  if (checkpoint !== undefined) walk.checkpoints.add(checkpoint);
  if (entries === undefined) return [];
  const { descriptors, unreadable, surplus } = entries;
  const most = mostEntries(walk);
  if (unreadable > 0) throw new Fault("registry/invalid", "the index lists something unreadable");
  const fresh = descriptors.filter((each) => isFresh(each, walk)).map(({ digest }) => digest);
  if (surplus > 0 || walk.listed.size > most + 1)
    throw new Fault(
      "limits/exceeded",
      `the index has more than ${most} entries, twice what registries.limits.children says`,
    );
  return fresh;
}

/** Notes an entry, and says whether it is the first of its digest. */
function isFresh({ digest, mediaType }: Descriptor, { listed, parts, needed }: Walk): boolean {
  parts.add(digest);
  if (!MANIFEST_TYPES.includes(mediaType) || !digest.startsWith("sha256:")) needed.add(digest);
  const isFirst = !listed.has(digest);
  listed.add(digest);
  return isFirst;
}

function mostEntries({ limits }: Pick<Walk, "limits">): number {
  return limits.children * 2;
}

function readOne(digest: Digest, walk: Walk): Promise<Document | undefined> {
  const { content, read, signal } = walk;
  return readList(
    walk,
    async (limit) => {
      const bytes = await content.pinned("manifests", digest, { limit, signal });
      return bytes && { bytes };
    },
    async ({ bytes }) => ({
      names: [digestOf(bytes, "sha256"), digestOf(bytes, "sha512")],
      ...(await read("image", bytes, mostEntries(walk))),
    }),
  );
}
