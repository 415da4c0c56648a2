import type { Digest, ImageRef } from "../../core/index.ts";

/** What a registry has under a reference. */
export interface Described {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly children: readonly Digest[];
  readonly isImage: boolean;
  readonly revision: string | undefined;
}

/** What registries list. Failures are Faults. */
export interface CatalogPort {
  readonly repositories: (registry: string, signal: AbortSignal) => AsyncIterable<string>;
  readonly tags: (ref: ImageRef, signal: AbortSignal) => AsyncIterable<string>;
  readonly describe: (ref: ImageRef, signal: AbortSignal) => Promise<Described | undefined>;
}

/** One version of a package, as GitHub's packages API lists it. */
export interface PackageVersion {
  readonly digest: Digest;
  /** When it was pushed. */
  readonly createdAt: Date;
  readonly tags: readonly string[];
}

/** The container packages of one owner. Failures are Faults. */
export interface PackagesPort {
  /** `registry/owner/name` of each package, and its name as the API has it. */
  readonly packages: (
    signal: AbortSignal,
  ) => AsyncIterable<{ readonly name: string; readonly repository: string }>;
  readonly versions: (name: string, signal: AbortSignal) => AsyncIterable<PackageVersion>;
}

/** One image that a cluster names. */
export interface NamedImage {
  /** As the object writes it, or pinned by what the node says. */
  readonly image: string;
  /** What a node says that it runs. */
  readonly running?: Digest;
  /** `Pod shop/web-1: web`. */
  readonly place: string;
  /** Whether a pod is meant to run it now; a template only names it. */
  readonly isPod: boolean;
}

/** What a cluster could not be asked. */
export interface ClusterGap {
  readonly what: string;
  readonly why: string;
  /** Absent where asking again would not help. */
  readonly code?: string;
}

/** Images that a cluster names. Never rejects: what cannot be listed is a gap. */
export interface ClusterPort {
  readonly images: (take: (image: NamedImage) => void) => Promise<readonly ClusterGap[]>;
}
