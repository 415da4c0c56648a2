import { type Digest, repositoryIn, splitDigest } from "../../core/index.ts";
import { isObject } from "../json.ts";
import { at } from "./fields.ts";

const MAX_PRODUCT = 2048;
const IMAGE = /^pkg:\/{0,2}(?:oci|docker)\/[^?#]/i;
const A_DIGEST = /(sha(?:256|384|512))(?::|%3a)/gi;
const PACKAGE = /^pkg:/i;

/**
 * What a product of a VEX statement is: this digest; an image of a repository, without a digest; something that may be this
 * image, since no repository is named, or only a digest that cannot be compared with the image's; or anything else. `why` is one
 * clause on why it is not this digest.
 */
export type Product =
  | { readonly kind: "digest" }
  | { readonly kind: "repository"; readonly repository: string }
  | { readonly kind: "image" | "other"; readonly why: string };

/**
 * Reads a product: a text (OpenVEX v0.0.1), or its `@id`, `identifiers.purl` and `hashes`.
 * Sources: openvex/spec, OPENVEX-SPEC.md (Product); package-url/purl-spec, types oci and docker; docs.docker.com/scout (VEX).
 */
export function productOf(product: unknown, subject: Digest): Product {
  const texts = textsOf(product);
  const hashes = hashesOf(product);
  if (texts.some((each) => pointsAt(each, subject)) || hashes.some((each) => isHashOf(each, subject)))
    return { kind: "digest" };
  const algorithms = [...texts.flatMap(algorithmsIn), ...hashes.map(({ algorithm }) => algorithm)];
  if (algorithms.includes(splitDigest(subject).algorithm))
    return { kind: "other", why: "which names another digest" };
  if (algorithms.length > 0 && !texts.some(isOtherPackage))
    return { kind: "image", why: "which names a digest by another algorithm than the image's" };
  const repositories = new Set(texts.flatMap((each) => repositoryIn(each) ?? []));
  if (repositories.size > 1) return { kind: "image", why: "which names more than one repository" };
  const [repository] = repositories;
  if (repository !== undefined) return { kind: "repository", repository };
  return texts.some((each) => IMAGE.test(each))
    ? { kind: "image", why: "which names neither a digest nor a repository" }
    : { kind: "other", why: "which is not an image" };
}

/** A product as it is written, for people. */
export function writtenProduct(product: unknown): string {
  return textsOf(product)[0] ?? "a product without a name";
}

function textsOf(product: unknown): string[] {
  const texts = [product, at(product, "@id"), at(product, "identifiers", "purl")];
  return texts.flatMap((each) => (typeof each === "string" && each.length <= MAX_PRODUCT ? [each] : []));
}

/** By a package URL or a name that ends in the digest (`pkg:oci/app@sha256%3A...`), in any case: one digest, one image. */
function pointsAt(text: string, subject: Digest): boolean {
  const [, version = ""] = /@([^@?#]+)(?:[?#].*)?$/.exec(text) ?? [];
  return version.replace(/%3a/i, ":").toLowerCase() === subject;
}

/** The algorithms of digests in a text, as digests call them. */
function algorithmsIn(text: string): string[] {
  return Array.from(text.matchAll(A_DIGEST), ([, algorithm]) => algorithm!.toLowerCase());
}

function isOtherPackage(text: string): boolean {
  return PACKAGE.test(text) && !IMAGE.test(text);
}

/** The hash of a product, by any algorithm. */
interface Hash {
  /** As digests call it: OpenVEX writes `sha-256` for `sha256`. */
  readonly algorithm: string;
  readonly hex: string;
}

/** Hashes that cannot be read may be of anything. */
const UNREADABLE: Hash = { algorithm: "unreadable", hex: "" };

function hashesOf(product: unknown): readonly Hash[] {
  const hashes = at(product, "hashes");
  if (hashes === undefined) return [];
  const entries = isObject(hashes) ? Object.entries(hashes) : [];
  if (entries.length === 0) return [UNREADABLE];
  return entries.map(([name, value]) => {
    if (typeof value !== "string") return UNREADABLE;
    return { algorithm: name.toLowerCase().replaceAll("-", ""), hex: value.toLowerCase() };
  });
}

function isHashOf({ algorithm, hex }: Hash, subject: Digest): boolean {
  const own = splitDigest(subject);
  return algorithm === own.algorithm && hex === own.hex;
}
