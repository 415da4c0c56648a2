import type { BuildSource } from "../../../core/index.ts";
import type { JsonObject } from "../../json.ts";
import { Rejected } from "../../rejected.ts";
import { at, dropUndefined, needList, needObject, textOf } from "../fields.ts";

/** Of a text that a builder states, such as an id or a path. */
export const MAX_TEXT = 1024;
const MAX_ADDRESS = 1024;
const MAX_REF = 512;
const MAX_COMMIT = 128;
const MAX_SOURCES = 64;
/** Bound on a list that is walked once; the largest dependency lists of builders hold some thousands. */
const MAX_DEPENDENCIES = 100_000;
/** SPDX `git+https://host/owner/repo.git@ref`, BuildKit `https://host/owner/repo.git#ref:folder`; never with a user in it. */
const REPOSITORY = /^https:\/\/([^/?#@\s]+)(\/[^?#@\s]+)(?:@([^#\s]*))?(?:#(\S*))?$/;
const IMAGE_OR_PACKAGE = /^(?:oci|docker|docker-image|docker-pullable|pkg):/i;

/** What one build type says about where an image comes from. */
export interface BuildOrigin {
  /** Every source that the builder states it built from; none where it states none. */
  readonly sources: readonly BuildSource[];
  /** Why no source is stated, one clause. */
  readonly unstated?: string;
  /** Path of the CI definition inside the source repository. */
  readonly workflow?: string | undefined;
  /** The event that started the build. */
  readonly trigger?: string | undefined;
}

/** A SLSA ResourceDescriptor or material. */
export interface Resource {
  readonly address: string;
  readonly name: string | undefined;
  readonly digest: unknown;
}

/**
 * The resources of `resolvedDependencies` or `materials` that have an address. Throws Rejected where they are not a list
 * of objects.
 */
export function resourcesOf(value: unknown, what: string): Resource[] {
  return needList(value ?? [], MAX_DEPENDENCIES, what).flatMap((each) => {
    const { uri, name, digest } = needObject(each, `one of the ${what}`);
    return uri === undefined || uri === ""
      ? []
      : [{ address: addressOf(uri), name: textOf(name, MAX_REF), digest }];
  });
}

/** Whether a resource is a source, such as a git repository or an archive, and not an image or a package. */
export function isSource({ address }: Resource): boolean {
  if (IMAGE_OR_PACKAGE.test(address)) return false;
  if (address.includes("://") || address.startsWith("git+")) return true;
  // images are written without a scheme; what is left with an @ is a repository over SSH (git@host:path)
  return address.replaceAll(/@sha(?:256|512):[0-9a-f]+/g, "").includes("@");
}

/** Whether a resource lies in a git repository, by its address or by its digest. */
export function isGit({ address, digest }: Resource): boolean {
  return address.startsWith("git+") || at(digest, "gitCommit") !== undefined;
}

/** The source that a resource is. */
export function sourceOf({ address, digest }: Resource): BuildSource {
  return sourceAt(address, digest);
}

/**
 * The source at an address; one that is not an HTTPS repository is kept as it is written: a source that cannot be
 * compared must not disappear. Throws Rejected where the address is not a text or too long. Source: SPDX 2.3 section
 * 7.7, VCS locations.
 */
export function sourceAt(value: unknown, digest?: unknown): BuildSource {
  const address = addressOf(value).replace(/^git\+/, "");
  const [, host, path, revision, fragment] = REPOSITORY.exec(address) ?? [];
  if (host === undefined || path === undefined)
    return dropUndefined<BuildSource>({ repository: address, commit: commitOf(digest) });
  const clean = path.replace(/\/+$/, "").replace(/\.git$/, "");
  return dropUndefined<BuildSource>({
    repository: `https://${host}${clean}`,
    ref: refOf(revision) ?? refOf(fragment?.split(":")[0]),
    commit: commitOf(digest),
  });
}

/** A full git ref; undefined for short names, which may be a branch or a tag, and for commits. */
export function refOf(value: unknown): string | undefined {
  const ref = textOf(value, MAX_REF);
  return ref?.startsWith("refs/") === true ? ref : undefined;
}

/**
 * Stated sources with the commits that the builder resolved for them. A resolved source that is not stated counts as well:
 * order means nothing, and every source must be one that the policy allows. Throws Rejected past 64 sources.
 */
export function unite(declared: readonly BuildSource[], resolved: readonly BuildSource[]): BuildSource[] {
  const found = distinct(resolved);
  const joined = declared.flatMap((source) => {
    const same = found.filter((each) => isSame(source, each));
    return same.length === 0 ? [source] : same.map((each) => ({ ...source, ...each }));
  });
  return distinct([...joined, ...found.filter((each) => !declared.some((source) => isSame(source, each)))]);
}

/** The object at a path, or an empty one: a build type reads its parameters, and says nothing where there are none. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return found === undefined || found === null ? {} : needObject(found, path.at(-1) ?? "it");
}

function isSame(one: BuildSource, other: BuildSource): boolean {
  if (one.repository !== other.repository) return false;
  return one.ref === undefined || other.ref === undefined || one.ref === other.ref;
}

function distinct(sources: readonly BuildSource[]): BuildSource[] {
  const byKey = new Map(
    sources.map((each) => [JSON.stringify([each.repository, each.ref, each.commit]), each] as const),
  );
  if (byKey.size > MAX_SOURCES) {
    throw new Rejected("too-large", `it states ${byKey.size} sources; at most ${MAX_SOURCES} are read`);
  }
  return [...byKey.values()];
}

function addressOf(value: unknown): string {
  const address = textOf(value, MAX_ADDRESS);
  if (address !== undefined) return address;
  throw new Rejected("malformed", `a source's address is not a text of 1 to ${MAX_ADDRESS} characters`);
}

/** GitLab writes the commit under `sha256`, whatever its length; SLSA v1 under `gitCommit`, v0.2 under `sha1`. */
function commitOf(digest: unknown): string | undefined {
  return textOf(at(digest, "gitCommit") ?? at(digest, "sha1") ?? at(digest, "sha256"), MAX_COMMIT);
}
