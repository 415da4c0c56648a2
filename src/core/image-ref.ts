import { type Digest, parseDigest } from "./digest.ts";

/** A parsed image reference, with Docker Hub's short names written out. */
export interface ImageRef {
  /** Host in lower case, with port where one is written; `docker.io` where none is. */
  readonly registry: string;
  /** Path without the registry: `library/nginx`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** An image named by digest: what bytes are hashed against. */
export type PinnedImage = ImageRef & { readonly digest: Digest };

/** A reference, or one clause that says why the text is none. */
export type ParsedReference =
  | { readonly ok: true; readonly ref: ImageRef }
  | { readonly ok: false; readonly why: string };

const MAX_TEXT = 800; // a host of 259, a path of 255, a tag of 128, a sha512 digest of 135, and their separators
const MAX_PATH = 255; // distribution/reference, RepositoryNameTotalLengthMax
const MAX_HOST = 259; // RFC 1035, section 2.3.4, and a port
const MAX_PORT = 65_535;
const HOST =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
/** What runtimes take for the id of a local image and not for a name. */
const IMAGE_ID = /^[0-9a-f]{64}$/;
const HUB = "docker.io";
const HUB_ALIASES: readonly string[] = [HUB, "index.docker.io", "registry-1.docker.io"];

/**
 * Reads an image reference as the container runtimes do. Never throws; linear in the text's length.
 * Source: the grammar of distribution/reference (reference.go, normalize.go), with Docker Hub's short names. Narrower:
 * sha256 and sha512 only, a port that exists, a host of at most 259 characters, and no upper-case host without a dot or
 * port, which could not be told from a repository once it is brought to lower case.
 */
export function parseImageRef(text: string): ParsedReference {
  if (text.length === 0) return no("it is empty");
  if (text.length > MAX_TEXT) return no(`it is longer than ${MAX_TEXT} characters`);
  if (IMAGE_ID.test(text)) return no("it is the id of a local image; name the image instead");
  const [rest, digestText] = cutLast(text, "@");
  const [name, tag] = cutTag(rest);
  const split = splitName(name);
  const digest = parseDigest(digestText ?? "");
  const wrong = wrongDigest(digestText, digest) ?? wrongTag(tag) ?? wrongName(split);
  if (wrong !== undefined) return no(wrong);
  return {
    ok: true,
    ref: { ...split, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) },
  };
}

/** `registry/repository`: what policy globs are matched against. */
export function repositoryName(ref: ImageRef): string {
  return `${ref.registry}/${ref.repository}`;
}

/** The reference as text, in full: `docker.io/library/nginx:1.27@sha256:…`. */
export function formatImageRef(ref: ImageRef): string {
  const tag = ref.tag === undefined ? "" : `:${ref.tag}`;
  const digest = ref.digest === undefined ? "" : `@${ref.digest}`;
  return `${repositoryName(ref)}${tag}${digest}`;
}

/** Whether a reference names its image by digest. */
export function isPinned(ref: ImageRef): ref is PinnedImage {
  return ref.digest !== undefined;
}

/** Whether a text is a reference that names its image by digest. */
export function isPinnedText(text: string): boolean {
  const parsed = parseImageRef(text);
  return parsed.ok && isPinned(parsed.ref);
}

function no(why: string): ParsedReference {
  return { ok: false, why };
}

function cutLast(text: string, mark: string): [string, string | undefined] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** A colon after the last slash begins a tag; one before it belongs to the host's port. */
function cutTag(text: string): [string, string | undefined] {
  const [name, tag] = cutLast(text, ":");
  return tag === undefined || tag.includes("/") ? [text, undefined] : [name, tag];
}

function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = /[.:[]/.test(first) || first === "localhost";
  const registry = isHost ? first.toLowerCase() : HUB;
  const repository = isHost ? name.slice(slash + 1) : name;
  if (!HUB_ALIASES.includes(registry)) return { registry, repository };
  return { registry: HUB, repository: repository.includes("/") ? repository : `library/${repository}` };
}

function wrongDigest(text: string | undefined, digest: Digest | undefined): string | undefined {
  return text !== undefined && digest === undefined
    ? "its digest is not sha256 or sha512 in lower-case hex"
    : undefined;
}

function wrongTag(tag: string | undefined): string | undefined {
  if (tag === undefined || TAG.test(tag)) return undefined;
  return "its tag is not 1 to 128 letters, digits, dots, dashes or underscores";
}

function wrongName({ registry, repository }: ImageRef): string | undefined {
  if (!HOST.test(registry) || registry.length > MAX_HOST || portOf(registry) > MAX_PORT)
    return "its registry is not a host name, with or without a port";
  if (repository.length > MAX_PATH) return `its repository is longer than ${MAX_PATH} characters`;
  if (repository.split("/").every((component) => COMPONENT.test(component))) return undefined;
  return "its repository is not lower-case words joined by single separators";
}

/** The port that a host names, 0 where it names none. */
function portOf(registry: string): number {
  return Number(/:(\d+)$/.exec(registry)?.[1] ?? 0);
}
