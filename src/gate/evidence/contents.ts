import { LRUCache } from "lru-cache";

import {
  type Digest,
  type ImageContents,
  type PinnedImage,
  type PullAccess,
  withDeadline,
} from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";
import { claimantOf, type SharedLimits } from "./collections.ts";
import { withOwnResources } from "./own-resources.ts";
import type { Patience } from "./patience.ts";
import { createSingleFlight, lateFault } from "./single-flight.ts";

/** What is being done while contents are read, for faults. */
export const COMPOSITION = "looking at what the image is made of";

/** Knows, or reads, what images are made of. */
export interface ContentsReader {
  /** Undefined where it was not read yet. */
  readonly known: (digest: Digest) => ImageContents | undefined;
  /** Undefined where its registry has none of it. Rejects with faults, and when the signal aborts; the look-up goes on. */
  readonly read: (
    image: PinnedImage,
    access: PullAccess,
    signal: AbortSignal,
  ) => Promise<ImageContents | undefined>;
}

/** Contents, and until when they are remembered, ms. */
interface Remembered {
  readonly contents: ImageContents;
  readonly until: number;
}

/**
 * Reads what images are made of, each once: a digest's bytes never change, whichever registry they come from. That there is
 * none is not remembered, and that a part is absent only for a while: it may be pushed, or be in another registry.
 */
export function createContentsReader(deps: GateDeps, { scheduler, room }: SharedLimits): ContentsReader {
  const { registry, limits } = deps;
  const remembered = new LRUCache<Digest, Remembered>({ max: limits.cacheEntries });
  const known: ContentsReader["known"] = (digest) => {
    const { contents, until = 0 } = remembered.get(digest) ?? {};
    return deps.now().getTime() < until ? contents : undefined;
  };
  const remember = (digest: Digest, contents: ImageContents): void => {
    const until = contents.absent.length > 0 ? deps.now().getTime() + limits.refreshAfterMs : Infinity;
    remembered.set(digest, { contents, until });
  };
  const flights = createSingleFlight<ImageContents | undefined>();
  const read: ContentsReader["read"] = async (image, access, signal) => {
    const cached = known(image.digest);
    if (cached !== undefined) return cached;
    const who = claimantOf({ image, access });
    const { serviceAccount, pullSecrets } = access;
    const key = [image.registry, image.repository, image.digest, who.namespace, serviceAccount, pullSecrets];
    const lookUp = async (patience: Patience): Promise<ImageContents | undefined> => {
      const over = new AbortController();
      const endTime = patience.after(limits.collectMs, () => over.abort());
      const reading = { access, room, patience, limits };
      const contents = await withOwnResources(reading, (own) =>
        registry.contents(image, access, over.signal, own),
      ).finally(endTime);
      if (contents !== undefined) remember(image.digest, contents);
      return contents;
    };
    const flight = flights.run(JSON.stringify(key), (patience) =>
      scheduler.run(who, () => lookUp(patience), patience),
    );
    return withDeadline(signal, flight.result, () => lateFault(COMPOSITION, flight.patience));
  };
  return { known, read };
}
