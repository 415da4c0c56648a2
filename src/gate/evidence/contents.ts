import { LRUCache } from "lru-cache";

import {
  type Digest,
  type ImageContents,
  type PinnedImage,
  type PullAccess,
  repositoryName,
  withDeadline,
} from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";
import { claimantOf, type SharedLimits } from "./collections.ts";
import { scopeOf } from "./kept-evidence.ts";
import { withOwnResources } from "./own-resources.ts";
import type { Patience } from "./patience.ts";
import { createSingleFlight, lateFault } from "./single-flight.ts";

/** What is being done while contents are read, for faults. */
export const COMPOSITION = "reading the image's manifests";

/** Knows, or reads, what images are made of. */
export interface ContentsReader {
  /** Undefined where it was not read yet, or is to be read again for anyone who asks. */
  readonly known: (image: PinnedImage, access: PullAccess) => ImageContents | undefined;
  /**
   * Undefined where its registry has none of it. Rejects with faults, and when the signal aborts; the look-up
   * continues.
   */
  readonly read: (
    image: PinnedImage,
    access: PullAccess,
    signal: AbortSignal,
  ) => Promise<ImageContents | undefined>;
}

/** Contents with an absent part, and when they are read again, ms. */
interface Incomplete {
  readonly contents: ImageContents;
  readonly until: number;
}

/**
 * Reads what images are made of, each once: a digest's bytes never change, whichever registry they come from. That there is
 * none is not remembered. That a part is absent is remembered for a while, of this repository and for those who use the same
 * credentials alone: it may be pushed, be in another registry, or be shown to others.
 */
export function createContentsReader(deps: GateDeps, { scheduler, room }: SharedLimits): ContentsReader {
  const { registry, limits } = deps;
  const whole = new LRUCache<Digest, ImageContents>({ max: limits.cacheEntries });
  const incomplete = new LRUCache<string, Incomplete>({ max: limits.cacheEntries });
  const known: ContentsReader["known"] = (image, access) => {
    const found = whole.get(image.digest);
    if (found !== undefined || incomplete.size === 0) return found;
    const { contents, until = 0 } = incomplete.get(keyOf(image, access)) ?? {};
    return deps.now().getTime() < until ? contents : undefined;
  };
  const remember = (key: string, { digest }: PinnedImage, contents: ImageContents): void => {
    if (contents.absent.length === 0) return void whole.set(digest, contents);
    incomplete.set(key, { contents, until: deps.now().getTime() + limits.refreshAfterMs });
  };
  const flights = createSingleFlight<ImageContents | undefined>();
  const read: ContentsReader["read"] = async (image, access, signal) => {
    const cached = known(image, access);
    if (cached !== undefined) return cached;
    const who = claimantOf({ image, access });
    const key = keyOf(image, access);
    const lookUp = async (patience: Patience): Promise<ImageContents | undefined> => {
      const over = new AbortController();
      const endTime = patience.after(limits.collectMs, () => over.abort());
      const reading = { access, room, patience, limits };
      const contents = await withOwnResources(reading, (own) =>
        registry.contents(image, access, over.signal, own),
      ).finally(endTime);
      if (contents !== undefined) remember(key, image, contents);
      return contents;
    };
    const flight = flights.run(key, (patience) => scheduler.run(who, () => lookUp(patience), patience));
    return withDeadline(signal, flight.result, () => lateFault(COMPOSITION, flight.patience));
  };
  return { known, read };
}

/** Equal for one repository and the same credentials. */
function keyOf(image: PinnedImage, access: PullAccess): string {
  return JSON.stringify([repositoryName(image), image.digest, scopeOf(access)]);
}
