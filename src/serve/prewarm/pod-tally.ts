import { z } from "zod";

import { isPinnedText, type PullAccess } from "../../core/index.ts";
import type { WarmRequest } from "../../gate/index.ts";
import { runningPod } from "../../workloads/index.ts";

const MAX_IMAGES = 20_000;
const MAX_NAMESPACES = 8;

const Metadata = z.object({
  metadata: z.object({ namespace: z.string(), creationTimestamp: z.string().catch("") }),
});

/** Which images run in how many pods. Bounded: past 20,000 images, new ones are passed over. */
export interface PodTally {
  /** Counts the images of a pod that have a digest, be it in its status; a pod that cannot be read has none. */
  readonly take: (pod: unknown) => void;
  /** The images of most pods, of those the newest; each in the first eight namespaces in which it was seen. */
  readonly first: (most: number) => readonly WarmRequest[];
}

interface Tallied {
  pods: number;
  newest: string;
  readonly places: Map<string, PullAccess>;
}

/** Nothing is counted. Pods of namespaces that are not wanted do not count. */
export function createPodTally(isWanted: (namespace: string) => boolean): PodTally {
  const tally = new Map<string, Tallied>();
  const tallied = (image: string): Tallied | undefined => {
    const known = tally.get(image);
    if (known !== undefined || tally.size >= MAX_IMAGES) return known;
    const fresh = { pods: 0, newest: "", places: new Map<string, PullAccess>() };
    tally.set(image, fresh);
    return fresh;
  };
  return {
    take(object) {
      const { metadata } = Metadata.safeParse(object).data ?? {};
      if (metadata === undefined || !isWanted(metadata.namespace)) return;
      const { images, access } = read(object);
      for (const image of images) {
        const known = tallied(image);
        if (known !== undefined) count(known, metadata, access);
      }
    },
    first: (most) =>
      [...tally]
        .toSorted(([, a], [, b]) => b.pods - a.pods || (a.newest < b.newest ? 1 : -1))
        .slice(0, most)
        .flatMap(([image, { places }]) =>
          [...places].map(([namespace, access]) => ({ image, namespace, access })),
        ),
  };
}

function count(
  known: Tallied,
  { namespace, creationTimestamp }: z.infer<typeof Metadata>["metadata"],
  access: PullAccess,
): void {
  known.pods += 1;
  if (creationTimestamp > known.newest) known.newest = creationTimestamp;
  const hasRoom = known.places.size < MAX_NAMESPACES && !known.places.has(namespace);
  if (hasRoom) known.places.set(namespace, { namespace, ...access });
}

function read(object: unknown): { readonly images: ReadonlySet<string>; readonly access: PullAccess } {
  try {
    const { images, access } = runningPod(object);
    return { images: new Set(images.map(({ image }) => image).filter(isPinnedText)), access };
  } catch {
    return { images: new Set(), access: {} };
  }
}
