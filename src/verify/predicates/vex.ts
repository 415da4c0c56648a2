import {
  type Digest,
  printable,
  repositoryIn,
  type Vex,
  type VexSetAside,
  type VexStatement,
} from "../../core/index.ts";
import type { JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, instantOf, needList, needObject, needText, textOf } from "./fields.ts";
import { packageNames } from "./package-url.ts";
import { type Product, productOf, writtenProduct } from "./vex-product.ts";

const MAX_STATEMENTS = 5_000;
const MAX_PRODUCTS = 1_000;
const MAX_ALIASES = 64;
const MAX_ID = 128;
const MAX_REASON = 512;
const MAX_PRODUCT = 2048;
const STATUSES = ["not_affected", "affected", "fixed", "under_investigation"] as const;

const LOWERING: readonly unknown[] = ["not_affected", "fixed"];
/** Most statements that are kept: one of a document counts once for each repository that it names. */
const MAX_KEPT = 20_000;
const MAX_SHOWN = 200;

/** What an OpenVEX document was attested to. */
export interface VexSubject {
  readonly subject: Digest;
  /** What the signed statement calls that digest. */
  readonly subjectNames?: readonly string[];
}

/**
 * The statements of an OpenVEX document that are about this digest, about its repository, or about nothing more narrow than
 * the attestation's own subject. An all-clear must name the digest, or nothing, or a repository by which the signed
 * statement itself calls the digest: one document is often attested to images of many repositories, and its words on one
 * of them say nothing of the others' digests. A warning is heard where it may mean this image. Throws Rejected where the document or one of its statements cannot be read.
 * Source: openvex/spec, OPENVEX-SPEC.md v0.2.0; in v0.0.1 vulnerabilities and products are plain texts.
 */
export function readVex(document: JsonObject, { subject, subjectNames = [] }: VexSubject): Vex {
  const context = textOf(document["@context"], MAX_PRODUCT);
  if (context?.startsWith("https://openvex.dev/ns") !== true) {
    throw new Rejected("malformed", "it declares OpenVEX, but its @context is another");
  }
  const repositories = new Set(subjectNames.flatMap((each) => repositoryIn(each) ?? []));
  const statements: VexStatement[] = [];
  const setAside: VexSetAside[] = [];
  for (const each of needList(document["statements"], MAX_STATEMENTS, "statements")) {
    const read = readStatement(needObject(each, "a statement"), document, { subject, repositories });
    statements.push(...read.statements);
    setAside.push(...read.setAside);
    if (statements.length > MAX_KEPT)
      throw new Rejected("too-large", `its statements name more than ${MAX_KEPT} images`);
  }
  return { statements, setAside };
}

interface Image {
  readonly subject: Digest;
  /** Where the signed statement says that the digest belongs. */
  readonly repositories: ReadonlySet<string>;
}

function readStatement(statement: JsonObject, document: JsonObject, image: Image): Vex {
  const products = needList(statement["products"] ?? [], MAX_PRODUCTS, "products");
  const isWarning = !LOWERING.includes(statement["status"]);
  const read = products.map((written) => ({ written, product: productIn(written, image) }));
  const groups = products.length === 0 ? [{ about: [] }] : isWarning ? warnings(read) : allClears(read);
  if (groups.length > 0) {
    return {
      statements: groups.map((each) => statementOf(statement, document, { ...each, isWarning })),
      setAside: [],
    };
  }
  const [first] = read;
  if (isWarning || first === undefined || !("why" in first.product)) return { statements: [], setAside: [] };
  const product = printable(writtenProduct(first.written), MAX_SHOWN);
  const aside = { vulnerabilities: namesOf(statement["vulnerability"]), product, why: first.product.why };
  return { statements: [], setAside: [aside] };
}

/** A repository counts where the signed statement calls the digest by it; the name that it is deployed by is not signed. */
function productIn(written: unknown, { subject, repositories }: Image): Product {
  const product = productOf(written, subject);
  return product.kind !== "repository" || repositories.has(product.repository)
    ? product
    : { kind: "image", why: "a repository that the attestation's subject does not name" };
}

interface Read {
  readonly written: unknown;
  readonly product: Product;
}

/** Products that one statement speaks of together, and their repository where they name no digest. */
interface Group {
  readonly about: readonly unknown[];
  readonly repository?: string;
}

/** A warning may mean this image where it names an image without saying which one. */
function warnings(read: readonly Read[]): Group[] {
  const about = read.filter(({ product }) => product.kind !== "other").map(({ written }) => written);
  return about.length === 0 ? [] : [{ about }];
}

/** An all-clear counts for this digest, and for each repository on its own. */
function allClears(read: readonly Read[]): Group[] {
  const bound = read.filter(({ product }) => product.kind === "digest").map(({ written }) => written);
  const byRepository = Map.groupBy(
    read.filter(({ product }) => product.kind === "repository"),
    ({ product }) => (product.kind === "repository" ? product.repository : ""),
  );
  const named = [...byRepository].map(([repository, these]): Group => {
    return { repository, about: these.map(({ written }) => written) };
  });
  return bound.length === 0 ? named : [{ about: bound }, ...named];
}

function statementOf(
  statement: JsonObject,
  document: JsonObject,
  { about, repository, isWarning }: Group & { readonly isWarning: boolean },
): VexStatement {
  const status = STATUSES.find((each) => each === statement["status"]);
  if (status === undefined) throw new Rejected("malformed", "a statement has no known status");
  const justification = statement["justification"] ?? statement["impact_statement"];
  return dropUndefined<VexStatement>({
    vulnerabilities: vulnerabilitiesOf(statement["vulnerability"]),
    status,
    justification:
      typeof justification === "string" ? textOf(justification.slice(0, MAX_REASON), MAX_REASON) : undefined,
    packages: packagesOf(about, isWarning),
    repository,
    statedAt: timeOf(statement, document),
  });
}

/** Names of a vulnerability that can be read; for people, where the statement does not count anyway. */
function namesOf(value: unknown): string[] {
  const aliases = at(value, "aliases");
  const names: unknown[] = [
    value,
    at(value, "name"),
    ...(Array.isArray(aliases) ? aliases.slice(0, MAX_ALIASES) : []),
  ];
  return names.flatMap((each) => (typeof each === "string" && each.length <= MAX_ID ? [each] : []));
}

function vulnerabilitiesOf(value: unknown): string[] {
  if (typeof value === "string") return [needText(value, MAX_ID, "a statement's vulnerability")];
  const aliases = needList(at(value, "aliases") ?? [], MAX_ALIASES, "aliases");
  const name = at(value, "name") ?? at(value, "@id");
  return [name, ...aliases].map((each) => needText(each, MAX_ID, "a statement's vulnerability"));
}

/**
 * Undefined where a product represents the whole image, or a warning names packages that cannot be read; else the
 * packages of all products.
 */
function packagesOf(products: readonly unknown[], isWarning: boolean): string[] | undefined {
  const names: string[] = [];
  for (const product of products) {
    const parts = needList(at(product, "subcomponents") ?? [], MAX_PRODUCTS, "subcomponents");
    const named = parts.map((part) =>
      packageNames(at(part, "identifiers", "purl") ?? at(part, "@id") ?? part),
    );
    if (parts.length === 0 || (isWarning && named.some((each) => each.length === 0))) return undefined;
    names.push(...named.flat());
  }
  return products.length === 0 ? undefined : names;
}

function timeOf(statement: JsonObject, document: JsonObject): Date | undefined {
  const declared = statement["last_updated"] ?? statement["timestamp"];
  return instantOf(declared ?? document["last_updated"] ?? document["timestamp"], "a statement's timestamp");
}
