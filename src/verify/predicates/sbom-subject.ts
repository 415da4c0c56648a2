import type { JsonObject } from "../json.ts";
import { at } from "./fields.ts";

/** Package URLs of container images. */
const IMAGE_URL = /^pkg:\/{0,2}(?:oci|docker)\//i;

/** An element that a document says it is about. */
interface Described {
  readonly id: unknown;
  /** What it is for, in lower case: `container`, `application`. */
  readonly purpose: string;
  readonly urls: readonly unknown[];
}

/**
 * The ids of the elements that represent the image itself, which producers list among its packages: an SBOM that holds
 * nothing else says nothing. Where a document is about one element, that is the image; of several, those that say that
 * they are an image, since flat documents are about every package.
 */
export function subjectsOf(described: readonly Described[]): ReadonlySet<unknown> {
  const images = described.length === 1 ? described : described.filter(isImage);
  return new Set(images.map(({ id }) => id));
}

function isImage({ purpose, urls }: Described): boolean {
  return purpose === "container" || urls.some((each) => typeof each === "string" && IMAGE_URL.test(each));
}

/**
 * The packages that an SPDX 2.x document describes: by `documentDescribes`, or by a relationship of either direction.
 * Source: SPDX 2.3, section 11.1 (DESCRIBES, DESCRIBED_BY) and the JSON schema.
 */
export function describedBySpdx2(
  predicate: JsonObject,
  lists: { readonly packages: readonly unknown[]; readonly relationships: readonly unknown[] },
): Described[] {
  const document = predicate["SPDXID"] ?? "SPDXRef-DOCUMENT";
  const short: unknown = predicate["documentDescribes"];
  const ids = new Set<unknown>(Array.isArray(short) ? (short as readonly unknown[]) : []);
  for (const each of lists.relationships) {
    const [from, to] = [at(each, "spdxElementId"), at(each, "relatedSpdxElement")];
    const type = at(each, "relationshipType");
    if (type === "DESCRIBES" && from === document) ids.add(to);
    if (type === "DESCRIBED_BY" && to === document) ids.add(from);
  }
  return lists.packages.flatMap((each) => {
    const id = at(each, "SPDXID");
    if (!ids.has(id)) return [];
    const references: unknown = at(each, "externalRefs");
    const urls = (Array.isArray(references) ? references : []).map((one) => at(one, "referenceLocator"));
    return [{ id, purpose: lower(at(each, "primaryPackagePurpose")), urls }];
  });
}

/**
 * The packages that are root elements of an SPDX 3 document or of the SBOMs in it.
 * Source: SPDX 3.0.1, Core/ElementCollection rootElement, Software/SoftwareArtifact primaryPurpose.
 */
export function describedBySpdx3(
  elements: readonly JsonObject[],
  packages: readonly JsonObject[],
): Described[] {
  const roots = new Set(
    elements.flatMap(({ rootElement: root }): readonly unknown[] => (Array.isArray(root) ? root : [root])),
  );
  roots.delete(undefined);
  return packages.flatMap((each) => {
    const id = idOf(each);
    const purpose = lower(each["software_primaryPurpose"]);
    return roots.has(id) ? [{ id, purpose, urls: [each["software_packageUrl"]] }] : [];
  });
}

/** The id of an element of SPDX 3. */
export function idOf(element: JsonObject): unknown {
  return element["spdxId"] ?? element["@id"];
}

function lower(value: unknown): string {
  return typeof value === "string" ? value.toLowerCase() : "";
}
