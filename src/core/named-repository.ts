import { type Digest, parseDigest } from "./digest.ts";
import { type ImageRef, parseImageRef, repositoryName } from "./image-ref.ts";

const MAX_TEXT = 2048;
const PURL = /^pkg:\/{0,2}(oci|docker)\/([^?#]+)(?:\?([^#]*))?/i;
const TAG = /^\w[\w.-]{0,127}$/;
const SCHEME = /^(?:oci|docker):\/\//i;
const VERSIONS = /@([^/@?#&]*)/g;
/** What looks like a digest, anywhere: qualifiers may be one, too. Source: buildkit, util/purl, RefToPURL. */
const HASHES = /(?:sha\d{3}[:_-][0-9a-z]*)|[0-9a-f]{64,}/gi;
/** `ghcr.io/acme/app:1.0`: a name counts where it names its registry, since identifiers of all kinds look like short names. */
const IMAGE_NAME =
  /^(?:localhost|[a-z0-9-]{1,63}(?:(?:\.[a-z0-9-]{1,63}){1,32}|(?=:\d)))(?::\d{1,5})?\/[a-z0-9]/;

/**
 * `registry/repository` of a package URL of an image, or of an image's name; undefined where it names none.
 * Source: package-url/purl-spec, types oci and docker.
 */
export function repositoryIn(text: string): string | undefined {
  const [, type, path, query] = PURL.exec(text) ?? [];
  if (type === undefined || path === undefined) return IMAGE_NAME.test(text) ? nameOf(text) : undefined;
  const name = decoded(path.replace(/@[^/]*$/, ""));
  const place = new URLSearchParams(query).get("repository_url");
  if (name === undefined) return undefined;
  if (place !== null)
    return nameOf(place.endsWith(`/${name}`) ? place : `${place.replace(/\/+$/, "")}/${name}`);
  return type.toLowerCase() === "docker" ? nameOf(name) : undefined; // docker is Docker Hub unless it says otherwise
}

/**
 * Whether a URI names an image's own repository, as a package URL, as `oci://registry/repository` or as the plain name, with
 * any tag; and, where it names a digest, this one.
 */
export function namesImage(uri: string, image: ImageRef): boolean {
  if (uri.length > MAX_TEXT || repositoryIn(uri.replace(SCHEME, "")) !== repositoryName(image)) return false;
  const text = decoded(uri);
  return text !== undefined && !text.includes("%") && namesNoOther(text, image.digest);
}

/** Whether everything in a decoded URI that is or may be a digest is this one. */
function namesNoOther(text: string, digest: Digest | undefined): boolean {
  const hex = digest?.split(":")[1];
  const isThis = (each: string): boolean => each.toLowerCase().split(/[:_-]/).at(-1) === hex;
  const versions = [...text.matchAll(VERSIONS)].map(([, version = ""]) => version);
  return (
    versions.every((each) => TAG.test(each) || parseDigest(each.toLowerCase()) === digest) &&
    [...text.matchAll(HASHES)].every(([each]) => isThis(each))
  );
}

function nameOf(text: string): string | undefined {
  const parsed = parseImageRef(text);
  return parsed.ok ? repositoryName(parsed.ref) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
