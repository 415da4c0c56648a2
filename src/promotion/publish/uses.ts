import { type Digest, parseImageRef, repositoryName } from "../../core/index.ts";
import { type ImageLine, MAX_PLACES } from "../inventory/lines.ts";
import type { ClusterGap, ClusterPort } from "../inventory/ports.ts";

/** What a cluster runs or names, by digest alone: a list of digests refuses them in every repository. */
export interface Uses {
  /** How many places use an image, or name a tag of its repository whose digest no node says. */
  readonly of: (line: Pick<ImageLine, "repository" | "digest" | "children">) => {
    readonly running: number;
    readonly places: string[];
  };
  /** What could not be asked. */
  readonly gaps: readonly ClusterGap[];
}

/** Asks a cluster for all that it runs, and all that its templates name. */
export async function readUses(cluster: ClusterPort): Promise<Uses> {
  const byDigest = new Map<Digest, string[]>();
  const byRepository = new Map<string, string[]>();
  const gaps = await cluster.images(({ image, running, place }) => {
    const parsed = parseImageRef(image);
    const digest = running ?? (parsed.ok ? parsed.ref.digest : undefined);
    if (digest !== undefined) add(byDigest, digest, place);
    else if (parsed.ok) add(byRepository, repositoryName(parsed.ref), place);
  });
  return {
    of({ repository, digest, children }) {
      const named = [digest, ...children].flatMap((each) => byDigest.get(each) ?? []);
      const places = [...named, ...(byRepository.get(repository) ?? [])];
      return { running: places.length, places: places.slice(0, MAX_PLACES) };
    },
    gaps,
  };
}

function add<K>(to: Map<K, string[]>, key: K, place: string): void {
  const places = to.get(key);
  if (places === undefined) to.set(key, [place]);
  else places.push(place);
}
