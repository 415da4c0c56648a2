import {
  type Digest,
  isPinned,
  parseImageRef,
  printable,
  type PinnedImage,
  repositoryName,
} from "../../core/index.ts";
import { sightTag } from "./catalog-source.ts";
import { type DescribeTask, type Found, hidden, type Sighting, sightEach, sightPinned } from "./found.ts";
import { keyOf, MAX_PLACES, type UnseenLine } from "./lines.ts";
import type { ClusterPort, NamedImage } from "./ports.ts";

interface Use {
  readonly image: PinnedImage;
  count: number;
  readonly places: string[];
  /** Whether a line has it: as itself, or as a child of an index. */
  isListed: boolean;
}

/** What a cluster runs or names, by image. */
export interface Running {
  /** How many places name an image or one of its children; notes that it has a line. */
  readonly usesOf: (
    repository: string,
    digests: readonly Digest[],
  ) => { readonly running: number; readonly places: string[] };
  /** What no line has yet: an image that is not in a registry's lists, or that no source was asked for. */
  readonly unlisted: (task: DescribeTask) => AsyncGenerator<Sighting>;
  readonly unseen: readonly UnseenLine[];
}

/** Asks a cluster for all that it runs, and all that its templates name. */
export async function readRunning(cluster: ClusterPort): Promise<Running> {
  const uses = new Map<string, Use>();
  const byTag = new Map<string, string[]>();
  const unseen: UnseenLine[] = [];
  const gaps = await cluster.images((named) => note(named, { uses, byTag, unseen }));
  for (const { what, why, code } of gaps)
    unseen.push({ ...hidden("cluster", what, printable(why, 600)), ...(code !== undefined && { code }) });
  return {
    usesOf(repository, digests) {
      const found = digests.flatMap((digest) => uses.get(keyOf({ repository, digest })) ?? []);
      for (const use of found) use.isListed = true;
      return {
        running: found.reduce((sum, { count }) => sum + count, 0),
        places: found.flatMap(({ places }) => places).slice(0, MAX_PLACES),
      };
    },
    unlisted: (task) => unlisted({ uses, byTag }, task),
    unseen,
  };
}

interface Notes {
  readonly uses: Map<string, Use>;
  /** Where a tag is named whose digest no node says. */
  readonly byTag: Map<string, string[]>;
  readonly unseen: UnseenLine[];
}

function note({ image, running, place, isPod }: NamedImage, { uses, byTag, unseen }: Notes): void {
  const parsed = parseImageRef(image);
  if (!parsed.ok) {
    unseen.push(hidden("cluster", `the image of ${place}`, `it is not a reference: ${parsed.why}`));
    return;
  }
  const { ref } = parsed;
  const digests = new Set([
    ...(isPinned(ref) ? [ref.digest] : []),
    ...(running === undefined ? [] : [running]),
  ]);
  for (const digest of digests) add(uses, { ...ref, digest }, place);
  if (digests.size > 0) return;
  if (isPod)
    unseen.push(
      hidden(
        "cluster",
        `the digest of ${place}`,
        "its node does not say it; the tag's digest of now is taken",
      ),
    );
  const places = byTag.get(image) ?? [];
  byTag.set(image, [...places, place].slice(0, MAX_PLACES));
}

function add(uses: Map<string, Use>, image: PinnedImage, place: string): void {
  const key = keyOf({ repository: repositoryName(image), digest: image.digest });
  const use = uses.get(key) ?? { image, count: 0, places: [], isListed: false };
  use.count += 1;
  if (use.places.length < MAX_PLACES) use.places.push(printable(place, 600));
  uses.set(key, use);
}

async function* unlisted(notes: Pick<Notes, "uses" | "byTag">, task: DescribeTask): AsyncGenerator<Sighting> {
  yield* resolveTags(notes, task);
  // Whatever lists others comes first: platform images that nodes name are part of an index that a pod names.
  const alone: Found[] = [];
  const left = [...notes.uses.values()].filter((use) => !use.isListed);
  const look = ({ image }: Use): Promise<Sighting[]> =>
    sightPinned(image, { tags: image.tag === undefined ? [] : [image.tag] }, task);
  for await (const sighting of sightEach(left, look)) {
    if (sighting.kind === "found" && (sighting.described?.children.length ?? 0) === 0) alone.push(sighting);
    else yield sighting;
  }
  for (const found of alone) if (!isListed(found, notes.uses)) yield found;
}

function isListed({ image }: Found, uses: ReadonlyMap<string, Use>): boolean {
  return uses.get(keyOf({ repository: repositoryName(image), digest: image.digest }))?.isListed === true;
}

/** Notes what tags lead to that a template or a pod names whose node does not say what it runs. */
async function* resolveTags(
  { uses, byTag }: Pick<Notes, "uses" | "byTag">,
  task: DescribeTask,
): AsyncGenerator<Sighting> {
  for (const [text, places] of byTag) {
    const parsed = parseImageRef(text);
    if (!parsed.ok) continue;
    const sighting = await sightTag({ ...parsed.ref, tag: parsed.ref.tag ?? "latest" }, task);
    if (sighting.kind !== "found") yield sighting;
    else for (const place of places) add(uses, sighting.image, place);
  }
}
