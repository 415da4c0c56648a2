import { describe, expect, it } from "vitest";

import { openVex } from "../../../test/support/predicates.ts";
import { digestOf, PREDICATE_TYPES } from "../../core/index.ts";
import { extractOf } from "./index.ts";

const subject = digestOf("an image");
const { openVex: vex } = PREDICATE_TYPES;

type Extract = ReturnType<typeof extractOf>;

function read(predicateType: string, predicate: Record<string, unknown>): Extract {
  return extractOf({ predicateType, predicate, subject });
}

describe("OpenVEX", () => {
  const hex = subject.slice(7);
  const other = digestOf("another image");

  function statements(...stated: Parameters<typeof openVex>[1]): unknown {
    const { vex: found, unreadable } = read(`${vex}/v0.2.0`, openVex(subject, stated));
    return found?.statements ?? unreadable;
  }

  it("keeps names, aliases, status, reason and time", () => {
    expect(statements({ name: "CVE-1", aliases: ["GHSA-1"], timestamp: "2026-11-23T00:00:00Z" })).toEqual([
      {
        vulnerabilities: ["CVE-1", "GHSA-1"],
        status: "not_affected",
        justification: "vulnerable_code_not_in_execute_path",
        statedAt: new Date("2026-11-23T00:00:00Z"),
      },
    ]);
  });

  it.each([
    ["by package URL", [{ "@id": `pkg:oci/app@sha256%3A${hex}?repository_url=ghcr.io/acme/app` }], 1],
    ["by an identifier", [{ "@id": "urn:app", identifiers: { purl: `pkg:oci/app@sha256:${hex}` } }], 1],
    ["by its hash", [{ "@id": "urn:app", hashes: { "sha-256": hex } }], 1],
    ["as a plain text", [`pkg:oci/app@sha256%3A${hex}`], 1],
    ["without products", [], 1],
    ["about another digest", [{ "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }], 0],
    ["about another hash", [{ hashes: { "sha-256": other.slice(7) } }], 0],
    ["about a package", [{ "@id": "pkg:npm/express@4.0.0" }], 0],
    ["with the digest elsewhere than as the version", [{ "@id": `pkg:oci/x@1?checksum=sha256:${hex}` }], 0],
  ])("takes a statement %s: %s → %i", (_, products, count) => {
    expect(statements({ name: "CVE-1", products })).toHaveLength(count);
  });

  it.each([
    ["by its name alone", [{ "@id": "pkg:oci/app?repository_url=ghcr.io/acme/app" }], 1],
    ["by a tag", ["pkg:docker/acme/app@1.0"], 1],
    ["about another digest", [{ "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }], 0],
    ["about another hash", [{ "@id": "pkg:oci/app", hashes: { "sha-256": other.slice(7) } }], 0],
    ["about a package", [{ "@id": "pkg:npm/express@4.0.0" }], 0],
  ])("hears a warning about an image %s, and no all-clear: %s → %i", (_, products, count) => {
    for (const status of ["affected", "under_investigation"])
      expect(statements({ name: "CVE-1", products, status })).toHaveLength(count);
    for (const status of ["not_affected", "fixed"])
      expect(statements({ name: "CVE-1", products, status })).toHaveLength(0);
  });

  it("takes a warning about packages that it cannot read for one about the whole image", () => {
    const subcomponents = [{ "@id": "pkg:deb/debian/openssl@3.0.1" }, { "@id": "no package URL" }];
    const products = [{ "@id": `pkg:oci/app@sha256%3A${hex}`, subcomponents }];
    const [warning] = statements({ name: "CVE-1", products, status: "affected" }) as object[];
    expect(warning).not.toHaveProperty("packages");
    const readable = [{ ...products[0], subcomponents: subcomponents.slice(0, 1) }];
    expect(statements({ name: "CVE-1", products: readable, status: "affected" })).toMatchObject([
      { packages: ["openssl"] },
    ]);
  });

  it("keeps which packages a statement is about", () => {
    const subcomponents = [
      { "@id": "pkg:deb/debian/openssl@3.0.1" },
      { "@id": "pkg:npm/%40acme/web@1.0.0" },
      { "@id": "no package URL" },
    ];
    const products = [{ "@id": `pkg:oci/app@sha256%3A${hex}`, subcomponents }];
    expect(statements({ name: "CVE-1", products })).toMatchObject([
      { packages: ["openssl", "@acme/web", "@acme:web"] },
    ]);
  });

  it.each([
    ["an unknown status", { ...openVex(subject, [{ name: "CVE-1", status: "fine" }]) }],
    ["no statements", { "@context": "https://openvex.dev/ns" }],
    ["another context", { ...openVex(subject, []), "@context": "https://example.test" }],
    [
      "a statement without vulnerability",
      { "@context": "https://openvex.dev/ns", statements: [{ status: "fixed" }] },
    ],
  ])("%s is unreadable", (_, document) => {
    expect(read(vex, document)).toEqual({ unreadable: expect.any(String) });
  });
});
