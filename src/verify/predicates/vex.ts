import { type Digest, splitDigest, type Vex, type VexStatement } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, instantOf, needList, needObject, needText, textOf } from "./fields.ts";
import { packageNames } from "./package-url.ts";

const MOST_STATEMENTS = 5_000;
const MOST_PRODUCTS = 1_000;
const MOST_ALIASES = 64;
const MAX_ID = 128;
const MAX_REASON = 512;
const MAX_PRODUCT = 2048;
const STATUSES = ["not_affected", "affected", "fixed", "under_investigation"] as const;

const LOWERING: readonly unknown[] = ["not_affected", "fixed"];
const IMAGE = /^pkg:\/{0,2}(?:oci|docker)\//;
const A_DIGEST = /sha(?:256|384|512)(?::|%3a)/i;

/**
 * The statements of an OpenVEX document that are about this digest, or about nothing more narrow than the attestation's
 * own subject. An all-clear must name the digest; a warning is heard where it may mean this image. Throws Rejected where the document or one of its statements cannot be read.
 * Source: openvex/spec, OPENVEX-SPEC.md v0.2.0; in v0.0.1 vulnerabilities and products are plain texts.
 */
export function readVex(document: JsonObject, subject: Digest): Vex {
  const context = textOf(document["@context"], MAX_PRODUCT);
  if (context?.startsWith("https://openvex.dev/ns") !== true) {
    throw new Rejected("malformed", "it declares OpenVEX, but its @context is another");
  }
  const written = needList(document["statements"], MOST_STATEMENTS, "statements");
  return {
    statements: written.flatMap((each) => readStatement(needObject(each, "a statement"), document, subject)),
  };
}

function readStatement(statement: JsonObject, document: JsonObject, subject: Digest): VexStatement[] {
  const products = needList(statement["products"] ?? [], MOST_PRODUCTS, "products");
  const isWarning = !LOWERING.includes(statement["status"]);
  const about = products.filter((each) => namesDigest(each, subject) || (isWarning && namesNoDigest(each)));
  if (products.length > 0 && about.length === 0) return [];
  const status = STATUSES.find((each) => each === statement["status"]);
  if (status === undefined) throw new Rejected("malformed", "a statement has no known status");
  const justification = statement["justification"] ?? statement["impact_statement"];
  const said = {
    vulnerabilities: vulnerabilitiesOf(statement["vulnerability"]),
    status,
    justification:
      typeof justification === "string" ? textOf(justification.slice(0, MAX_REASON), MAX_REASON) : undefined,
    packages: packagesOf(about, isWarning),
    statedAt: timeOf(statement, document),
  };
  return [dropUndefined<VexStatement>(said)];
}

function vulnerabilitiesOf(value: unknown): string[] {
  if (typeof value === "string") return [needText(value, MAX_ID, "a statement's vulnerability")];
  const aliases = needList(at(value, "aliases") ?? [], MOST_ALIASES, "aliases");
  const name = at(value, "name") ?? at(value, "@id");
  return [name, ...aliases].map((each) => needText(each, MAX_ID, "a statement's vulnerability"));
}

/** By the hashes of a product, or by a package URL that ends in the digest (`pkg:oci/app@sha256%3A...`). */
function namesDigest(product: unknown, subject: Digest): boolean {
  if (textsOf(product).some((each) => pointsAt(each, subject))) return true;
  const { algorithm, hex } = splitDigest(subject);
  const hashes = at(product, "hashes");
  return (
    isObject(hashes) &&
    Object.entries(hashes).some(([name, value]) => algorithmOf(name) === algorithm && value === hex)
  );
}

/** An image that is named without saying which one: `pkg:oci/app`, or by a tag. */
function namesNoDigest(product: unknown): boolean {
  const texts = textsOf(product);
  return (
    at(product, "hashes") === undefined &&
    texts.some((each) => IMAGE.test(each)) &&
    !texts.some((each) => A_DIGEST.test(each))
  );
}

function textsOf(product: unknown): string[] {
  const texts = [product, at(product, "@id"), at(product, "identifiers", "purl")];
  return texts.filter((each) => typeof each === "string");
}

/** OpenVEX writes `sha-256` for what a digest calls `sha256`. */
function algorithmOf(hashName: string): string {
  return hashName.toLowerCase().replaceAll("-", "");
}

function pointsAt(text: string, subject: Digest): boolean {
  if (text.length > MAX_PRODUCT) return false;
  const [, version = ""] = /@([^@?#]+)(?:[?#].*)?$/.exec(text) ?? [];
  return version.replace(/%3a/i, ":") === subject;
}

/**
 * Undefined where a product stands for the whole image, or a warning names packages that cannot be read; else the packages
 * of all products.
 */
function packagesOf(products: readonly unknown[], isWarning: boolean): string[] | undefined {
  const names: string[] = [];
  for (const product of products) {
    const parts = needList(at(product, "subcomponents") ?? [], MOST_PRODUCTS, "subcomponents");
    const named = parts.map((part) =>
      packageNames(at(part, "identifiers", "purl") ?? at(part, "@id") ?? part),
    );
    if (parts.length === 0 || (isWarning && named.some((each) => each.length === 0))) return undefined;
    names.push(...named.flat());
  }
  return products.length === 0 ? undefined : names;
}

function timeOf(statement: JsonObject, document: JsonObject): Date | undefined {
  const stated = statement["last_updated"] ?? statement["timestamp"];
  return instantOf(stated ?? document["last_updated"] ?? document["timestamp"], "a statement's timestamp");
}
