import { LRUCache } from "lru-cache";

import type { Digest, ImageContents, PinnedImage, PullAccess } from "../core/index.ts";
import { claimantOf } from "./collections.ts";
import type { FairScheduler } from "./fair-scheduler.ts";
import type { GateDeps } from "./ports.ts";
import { createSingleFlight } from "./single-flight.ts";

/** Knows, or reads, what images are made of. */
export interface ContentsReader {
  /** Undefined where it was not read yet. */
  readonly known: (digest: Digest) => ImageContents | undefined;
  /** Undefined where its registry has none of it. Rejects with faults. */
  readonly read: (image: PinnedImage, access: PullAccess) => Promise<ImageContents | undefined>;
}

/**
 * Reads what images are made of, each once: a digest's bytes never change, whichever registry they come from. That there is
 * none is not remembered.
 */
export function createContentsReader(deps: GateDeps, scheduler: FairScheduler): ContentsReader {
  const { registry, limits } = deps;
  const known = new LRUCache<Digest, ImageContents>({ max: limits.cacheEntries });
  const flights = createSingleFlight<ImageContents | undefined>();
  const read: ContentsReader["read"] = async (image, access) => {
    const cached = known.get(image.digest);
    if (cached !== undefined) return cached;
    const who = claimantOf({ image, access });
    const { serviceAccount, pullSecrets } = access;
    const key = [image.registry, image.repository, image.digest, who.namespace, serviceAccount, pullSecrets];
    return flights.run(JSON.stringify(key), () =>
      scheduler.run(who, async () => {
        const contents = await registry.contents(image, access, AbortSignal.timeout(limits.collectMs));
        if (contents !== undefined) known.set(image.digest, contents);
        return contents;
      }),
    );
  };
  return { known: (digest) => known.get(digest), read };
}
