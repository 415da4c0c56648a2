import { type Digest, digestOf, parseDigest } from "../../src/core/index.ts";

/** A manifest as it was pushed. */
interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** An entry of an image index or of a referrers list. */
export interface TestDescriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

interface Repository {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, Digest>;
  readonly referrers: Map<string, TestDescriptor[]>;
}

/** What the test registry holds, by repository. */
export interface OciStore {
  readonly repository: (name: string) => Repository;
  /** Names of all repositories. */
  readonly names: () => string[];
  readonly find: (name: string) => Repository | undefined;
  readonly putBlob: (name: string, bytes: Uint8Array | string) => Digest;
  readonly putManifest: (name: string, mediaType: string, bytes: Uint8Array | string) => Digest;
  readonly manifest: (
    name: string,
    reference: string,
  ) => { digest: Digest; stored: StoredManifest } | undefined;
}

/** An empty store. */
export function createOciStore(): OciStore {
  const repositories = new Map<string, Repository>();

  function repository(name: string): Repository {
    const found = repositories.get(name);
    if (found !== undefined) return found;
    const created = { blobs: new Map(), manifests: new Map(), tags: new Map(), referrers: new Map() };
    repositories.set(name, created);
    return created;
  }

  return {
    repository,
    names: () => [...repositories.keys()],
    find: (name) => repositories.get(name),
    putBlob(name, bytes) {
      const digest = digestOf(bytes);
      repository(name).blobs.set(digest, Buffer.from(bytes));
      return digest;
    },
    putManifest(name, mediaType, bytes) {
      const digest = digestOf(bytes);
      repository(name).manifests.set(digest, { mediaType, bytes: Buffer.from(bytes) });
      return digest;
    },
    manifest(name, reference) {
      const held = repositories.get(name);
      const digest = parseDigest(reference) ?? held?.tags.get(reference);
      const stored = digest === undefined ? undefined : held?.manifests.get(digest);
      return digest === undefined || stored === undefined ? undefined : { digest, stored };
    },
  };
}
