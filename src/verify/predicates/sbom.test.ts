import { describe, expect, it } from "vitest";

import { cycloneDx, spdx23, spdx3 } from "../../../test/support/predicates.ts";
import { digestOf, PREDICATE_TYPES } from "../../core/index.ts";
import { extractOf } from "./index.ts";

const subject = digestOf("an image");
const { spdx, cyclonedx } = PREDICATE_TYPES;

type Extract = ReturnType<typeof extractOf>;

function read(predicateType: string, predicate: Record<string, unknown>): Extract {
  return extractOf({ predicateType, predicate, subject });
}

describe("SBOMs", () => {
  const createdAt = new Date("2026-11-24T10:00:00Z");

  it.each([
    [spdx, spdx23(2), { format: "spdx", specVersion: "2.3", components: 2 }],
    [`${spdx}/v2.3`, spdx23(0), { format: "spdx", specVersion: "2.3", components: 0 }],
    [`${spdx}/v3`, spdx3(3), { format: "spdx", specVersion: "3.0.1", components: 3 }],
    [cyclonedx, cycloneDx(), { format: "cyclonedx", specVersion: "1.6", components: 2 }],
    [`${cyclonedx}/v1.6`, cycloneDx(), { format: "cyclonedx", specVersion: "1.6", components: 2 }],
  ])("%s is read", (type, predicate, expected) => {
    expect(read(type, predicate)).toEqual({ sbom: { ...expected, createdAt } });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["CycloneDX that says it is SPDX", spdx, cycloneDx()],
    ["SPDX that says it is CycloneDX", cyclonedx, spdx23()],
    ["no SBOM", spdx, {}],
    ["packages that are no list", spdx, { ...spdx23(), packages: { length: 9 } }],
    ["components that are no list", cyclonedx, { ...cycloneDx(), components: 7 }],
    ["an SPDX 3 graph of other things than objects", spdx, { "@graph": [null, "SpdxDocument"] }],
    ["an SPDX 3 graph without its document", spdx, { "@graph": [{ type: "software_Package" }] }],
    [
      "an SPDX 3 document whose CreationInfo is missing",
      spdx,
      { "@graph": [{ type: "SpdxDocument", creationInfo: "_:gone" }] },
    ],
  ])("%s is unreadable", (_, type, predicate) => {
    expect(read(type, predicate)).toEqual({ unreadable: expect.any(String) });
  });
});

describe("the version of SPDX", () => {
  it.each(["SPDX-3.0", "SPDX-2", "SPDX-2.3.1", "SPDX-2.123", "no SPDX-2.3"])("is not %s", (spdxVersion) => {
    expect(read(spdx, { ...spdx23(), spdxVersion })).toEqual({ unreadable: expect.stringContaining("2.x") });
  });

  it("may have two digits", () => {
    expect(read(spdx, { ...spdx23(), spdxVersion: "SPDX-2.10" })).toMatchObject({
      sbom: { specVersion: "2.10" },
    });
  });
});

function relation(spdxElementId: string, relationshipType: string, relatedSpdxElement: string): object {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function counted(packages: number, image_: object, more: Record<string, unknown>): number | undefined {
  const predicate = spdx23(packages);
  return read(spdx, { ...predicate, packages: [image_, ...(predicate["packages"] as object[])], ...more })
    .sbom?.components;
}

describe("the image itself among the packages of its SBOM", () => {
  const image = { SPDXID: "SPDXRef-Image", name: "ghcr.io/acme/app", primaryPackagePurpose: "CONTAINER" };
  const purl = {
    referenceType: "purl",
    referenceLocator: "pkg:oci/app@sha256:0?repository_url=ghcr.io/acme/app",
  };
  const describes = relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image");

  it.each<[string, object, Record<string, unknown>]>([
    ["by a relationship (Syft, Trivy)", image, { relationships: [describes] }],
    [
      "by the relationship the other way",
      image,
      { relationships: [relation("SPDXRef-Image", "DESCRIBED_BY", "SPDXRef-DOCUMENT")] },
    ],
    ["by documentDescribes", image, { documentDescribes: ["SPDXRef-Image"] }],
    ["without a purpose", { ...image, primaryPackagePurpose: undefined }, { relationships: [describes] }],
    [
      "beside described packages, by its purpose",
      image,
      { relationships: [describes, relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package-0")] },
    ],
    [
      "beside described packages, by its package URL",
      { ...image, primaryPackagePurpose: undefined, externalRefs: [purl] },
      { relationships: [describes, relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package-0")] },
    ],
  ])("is no component of SPDX 2 where the document describes it %s", (_, image_, more) => {
    expect(counted(2, image_, more)).toBe(2);
  });

  it("is a component where nothing says that it is described", () => {
    expect(counted(2, image, {})).toBe(3);
    expect(
      counted(2, image, { relationships: [relation("SPDXRef-Package-0", "DESCRIBES", "SPDXRef-Image")] }),
    ).toBe(3);
  });

  it("leaves nothing of an SBOM of nothing", () => {
    expect(counted(0, image, { relationships: [describes] })).toBe(0);
  });

  it("keeps every package of a flat document that describes them all", () => {
    const relationships = [0, 1].map((at) =>
      relation("SPDXRef-DOCUMENT", "DESCRIBES", `SPDXRef-Package-${at}`),
    );
    expect(read(spdx, { ...spdx23(2), relationships }).sbom?.components).toBe(2);
  });

  it.each<[string, Record<string, unknown>]>([
    ["of the document", {}],
    ["of the SBOM in it", { type: "software_Sbom", spdxId: "urn:sbom", rootElement: ["urn:app"] }],
  ])("is no component of SPDX 3 as the root element %s", (_, bom) => {
    const predicate = spdx3(2);
    const graph = predicate["@graph"] as object[];
    const app = { type: "software_Package", spdxId: "urn:app", software_primaryPurpose: "container" };
    expect(read(spdx, { ...predicate, "@graph": [...graph, bom, app] }).sbom?.components).toBe(2);
  });
});
