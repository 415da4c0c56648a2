import type { Evaluation, Release } from "./facts.ts";

/** Versions that are named; the ones before them count together. */
const MAX_VERSIONS = 20;

/** Repositories that ran a version last. */
export interface VersionRow {
  /** A release; `older`, `untagged` (a commit that no release is at), or `unknown` (GitHub does not say which commit). */
  readonly version: string;
  readonly repositories: number;
  /** Whether it is the newest release. */
  readonly isNewest: boolean;
}

/** The commit of the workflow that each repository ran last; undefined where GitHub does not say. */
export function latestVersions(inOrder: readonly Evaluation[]): Map<number, string | undefined> {
  return new Map(inOrder.map(({ repository, version }) => [repository, version]));
}

/** Releases in full (`v1.2.3`), the newest first. A tag such as `v1` moves, and a pre-release is not what callers should run. */
export function releasesIn(tags: readonly Release[]): Release[] {
  const order = new Intl.Collator("en", { numeric: true });
  return tags
    .filter(({ tag }) => /^v\d{1,9}\.\d{1,9}\.\d{1,9}$/.test(tag))
    .toSorted((a, b) => order.compare(b.tag, a.tag));
}

/** Repositories by version, the newest first. Every named release has a row, so that a series is there before it rises. */
export function versionRows(
  releases: readonly Release[],
  latest: ReadonlyMap<number, string | undefined>,
): VersionRow[] {
  const named = releases.slice(0, MAX_VERSIONS).map(({ tag }) => tag);
  const tags = new Map(releases.toReversed().map(({ tag, sha }) => [sha, tag]));
  const labelOf = (sha: string | undefined): string => {
    if (sha === undefined) return "unknown";
    const tag = tags.get(sha);
    if (tag === undefined) return "untagged";
    return named.includes(tag) ? tag : "older";
  };
  const labels = [...latest.values()].map(labelOf);
  return [...named, "older", "untagged", "unknown"].map((version, at) => ({
    version,
    repositories: labels.filter((each) => each === version).length,
    isNewest: at === 0 && named.length > 0,
  }));
}
