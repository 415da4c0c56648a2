import { createBoundedMap } from "../../core/index.ts";

/** Where attachments are listed, in the order in which reports name them. */
export const PLACES = ["referrers API", "fallback tag", ".sig tag", ".att tag"] as const;
/** One of PLACES. */
export type PlaceName = (typeof PLACES)[number];

const MAX_REPOSITORIES = 10_000;

/** Which places of a repository held something for any of its images: a guess about the next one, and no more. */
export interface LikelyLocations {
  /** In the order of PLACES; none where nothing is known. */
  readonly of: (repository: string) => readonly PlaceName[];
  readonly held: (repository: string, places: readonly PlaceName[]) => void;
}

/** Nothing known yet. */
export function createLikelyLocations(): LikelyLocations {
  const known = createBoundedMap<readonly PlaceName[]>(MAX_REPOSITORIES);
  const of = (repository: string): readonly PlaceName[] => known.get(repository) ?? [];
  return {
    of,
    held: (repository, places) => {
      const before = of(repository);
      const all = PLACES.filter((place) => before.includes(place) || places.includes(place));
      if (all.length > before.length) known.set(repository, all);
    },
  };
}
