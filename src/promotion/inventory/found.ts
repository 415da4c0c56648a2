import {
  asFault,
  type ImageRef,
  linkAbort,
  type PinnedImage,
  printable,
  repositoryName,
} from "../../core/index.ts";
import type { ImageLine, SourceName, UnseenLine } from "./lines.ts";
import type { CatalogPort, Described } from "./ports.ts";

/** References that one source asks for side by side. */
const AT_ONCE = 8;

/** An image as a source found it. */
export interface Found {
  readonly kind: "found";
  readonly image: PinnedImage;
  readonly source: SourceName;
  readonly tags: readonly string[];
  /** Absent where its registry did not say. */
  readonly described?: Described;
  /** When it was pushed, where a registry says so. */
  readonly pushed?: Date;
}

/** A signature, an attestation, a chart: counted, and has no line. */
interface Attached {
  readonly kind: "attached";
}

/** What a source yields, in any order. */
export type Sighting = Found | Attached | UnseenLine;
/** One source. */
export type Source = (signal: AbortSignal) => AsyncIterable<Sighting>;

export const ATTACHED: Attached = { kind: "attached" };

/** What a source could not see, because of a failure. */
export function missed(source: SourceName, what: string, error: unknown): UnseenLine {
  const { code, message } = asFault(error);
  return { kind: "unseen", source, what: printable(what, 600), why: printable(message, 600), code };
}

/** What a source can never see. */
export function hidden(source: SourceName, what: string, why: string): UnseenLine {
  return { kind: "unseen", source, what: printable(what, 600), why };
}

/** What a source needs to ask about one reference. */
export interface DescribeTask {
  readonly catalog: CatalogPort;
  readonly source: SourceName;
  /** Milliseconds for one reference. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Whether it has a line: what is named counts as it is, and of what is merely listed only what a runtime could run. */
export function hasLine({ isImage }: Described, source: SourceName): boolean {
  return isImage || source === "cluster" || source === "images";
}

/** What is under a reference; undefined where its registry has none. Rejects with Faults. */
export async function describeRef(
  ref: ImageRef,
  { catalog, timeoutMs, signal }: DescribeTask,
): Promise<Described | undefined> {
  const linked = linkAbort(signal);
  linked.abortAfter(timeoutMs);
  try {
    return await catalog.describe(ref, linked.signal);
  } finally {
    linked.release();
  }
}

/**
 * An image that is named by digest, whatever its registry says of it: what is known to exist or to run is never left out for
 * a registry that does not answer.
 */
export async function sightPinned(
  image: PinnedImage,
  more: Pick<Found, "tags" | "pushed">,
  task: DescribeTask,
): Promise<Sighting[]> {
  const { source, signal } = task;
  const found = { kind: "found", image, source, ...more } as const;
  const what = `what ${repositoryName(image)}@${image.digest} is`;
  try {
    const described = await describeRef(image, task);
    if (described === undefined)
      return [hidden(source, what, "its registry has no manifest of this digest"), found];
    return [hasLine(described, source) ? { ...found, described } : ATTACHED];
  } catch (error) {
    signal.throwIfAborted();
    return [missed(source, what, error), found];
  }
}

/** Does `look` for each item, eight of them at the same time, and yields what they saw in the order of the items. */
export async function* sightEach<T>(
  items: AsyncIterable<T> | Iterable<T>,
  look: (item: T) => Promise<readonly Sighting[]>,
): AsyncGenerator<Sighting> {
  const underWay: Promise<readonly Sighting[]>[] = [];
  for await (const item of items) {
    const looking = look(item);
    looking.catch(() => undefined); // it is waited for below, but not where one before it fails
    underWay.push(looking);
    if (underWay.length === AT_ONCE) yield* await underWay.shift()!;
  }
  for (const each of underWay) yield* await each;
}

/** The line of an image. */
export function lineOf({ image, source, tags, described, pushed }: Found): ImageLine {
  return {
    kind: "image",
    repository: repositoryName(image),
    digest: image.digest,
    tags: [...tags],
    ...(described !== undefined && { mediaType: described.mediaType }),
    children: [...(described?.children ?? [])],
    ...(pushed !== undefined && { time: pushed.toISOString() }),
    clock: pushed === undefined ? "none" : "registry",
    sources: [source],
    ...(described?.revision !== undefined && { revision: described.revision.slice(0, 200) }),
  };
}
