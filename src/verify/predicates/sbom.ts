import type { Sbom } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, needList, needText, type DeclaredTime, declaredTime } from "./fields.ts";
import { describedBySpdx2, describedBySpdx3, idOf, subjectsOf } from "./sbom-subject.ts";

/** Bound of each list; the largest images have a few hundred thousand packages, and a few relationships for each. */
const MAX_COMPONENTS = 1_000_000;
const MAX_VERSION = 32;
const MAX_ID = 512;
const SPDX3_PACKAGE = /^(?:software_Package|https:\/\/spdx\.org\/rdf\/3[\d.]*\/terms\/Software\/Package)$/;

/**
 * An SPDX document as JSON: 2.x, or 3.x as a JSON-LD graph. Throws Rejected where it is none.
 * Sources: spdx.github.io/spdx-spec/v2.3, spdx.github.io/spdx-spec/v3.0.1.
 */
export function readSpdx(predicate: JsonObject): Sbom {
  return predicate["@graph"] === undefined ? readSpdx2(predicate) : readSpdx3(predicate);
}

/** A CycloneDX bill of materials as JSON. Throws Rejected where it is none. Source: cyclonedx.org/docs/1.6/json. */
export function readCycloneDx(predicate: JsonObject): Sbom {
  if (predicate["bomFormat"] !== "CycloneDX") {
    throw new Rejected("malformed", "it declares CycloneDX, but its bomFormat is another");
  }
  return dropUndefined<Sbom>({
    format: "cyclonedx",
    specVersion: needText(predicate["specVersion"], MAX_VERSION, "the specVersion"),
    components: countNested(predicate),
    ...createdOn(at(predicate, "metadata", "timestamp")),
  });
}

function readSpdx2(predicate: JsonObject): Sbom {
  const version = /^SPDX-(2\.\d{1,2})$/.exec(String(predicate["spdxVersion"]))?.[1];
  if (version === undefined) throw new Rejected("malformed", "it declares SPDX, but has no spdxVersion 2.x");
  const packages = listOrNone(predicate["packages"], "packages");
  const relationships = listOrNone(predicate["relationships"], "relationships");
  const subjects = subjectsOf(describedBySpdx2(predicate, { packages, relationships }));
  return dropUndefined<Sbom>({
    format: "spdx",
    specVersion: version,
    components: packages.filter((each) => !subjects.has(at(each, "SPDXID"))).length,
    ...createdOn(at(predicate, "creationInfo", "created")),
  });
}

function readSpdx3(predicate: JsonObject): Sbom {
  const graph = needList(predicate["@graph"], MAX_COMPONENTS, "elements of the graph");
  const elements = graph.filter(isObject);
  const document = elements.find(({ type }) => type === "SpdxDocument");
  if (document === undefined) throw new Rejected("malformed", "its graph holds no SpdxDocument");
  const creation = creationOf(document, elements);
  const packages = elements.filter(({ type }) => typeof type === "string" && SPDX3_PACKAGE.test(type));
  const subjects = subjectsOf(describedBySpdx3(elements, packages));
  return dropUndefined<Sbom>({
    format: "spdx",
    specVersion: needText(creation["specVersion"], MAX_VERSION, "the specVersion"),
    components: packages.filter((each) => !subjects.has(idOf(each))).length,
    ...createdOn(creation["created"]),
  });
}

/** The CreationInfo of the document: written into it, or the element of the graph that it names. */
function creationOf(document: JsonObject, elements: readonly JsonObject[]): JsonObject {
  const info = document["creationInfo"];
  if (isObject(info)) return info;
  const id = needText(info, MAX_ID, "the document's creationInfo");
  const named = elements.find((each) => each["@id"] === id || each["spdxId"] === id);
  if (named !== undefined) return named;
  throw new Rejected("malformed", "its SpdxDocument names a CreationInfo that is not there");
}

function createdOn(value: unknown): { readonly createdAt: Date | undefined } & Pick<DeclaredTime, "undated"> {
  const { instant: createdAt, ...rest } = declaredTime(value);
  return { createdAt, ...rest };
}

/** Components and the components inside them. */
function countNested(bom: JsonObject): number {
  let count = 0;
  const open: unknown[] = [bom];
  while (open.length > 0) {
    const inner = listOrNone(at(open.pop(), "components"), "components");
    count += inner.length;
    if (count > MAX_COMPONENTS) throw new Rejected("too-large", `more than ${MAX_COMPONENTS} components`);
    for (const each of inner) open.push(each);
  }
  return count;
}

/** Both formats may leave the list out where it is empty. */
function listOrNone(value: unknown, what: string): readonly unknown[] {
  return value === undefined || value === null ? [] : needList(value, MAX_COMPONENTS, what);
}
