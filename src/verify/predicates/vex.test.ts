import { describe, expect, it } from "vitest";

import { openVex } from "../../../test/support/predicates.ts";
import { digestOf, PREDICATE_TYPES } from "../../core/index.ts";
import { extractOf } from "./index.ts";

const subject = digestOf("an image");
const { openVex: vex } = PREDICATE_TYPES;

type Extract = ReturnType<typeof extractOf>;

function read(
  predicateType: string,
  predicate: Record<string, unknown>,
  subjectNames: readonly string[] = [],
): Extract {
  return extractOf({ predicateType, predicate, subject, subjectNames });
}

const UNCOMPARABLE = "which names a digest by another algorithm than the image's";

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
    ["by its hash in capitals", [{ "@id": "urn:app", hashes: { "SHA-256": hex.toUpperCase() } }], 1],
    ["by package URL in capitals", [{ "@id": `pkg:oci/app@SHA256%3A${hex.toUpperCase()}` }], 1],
    ["by its name and digest in capitals", [`ghcr.io/acme/app@SHA256:${hex.toUpperCase()}`], 1],
    ["as a plain text", [`pkg:oci/app@sha256%3A${hex}`], 1],
    ["without products", [], 1],
    ["about another digest", [{ "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }], 0],
    ["about another hash", [{ hashes: { "sha-256": other.slice(7) } }], 0],
    ["about a package", [{ "@id": "pkg:npm/express@4.0.0" }], 0],
    ["with the digest elsewhere than as the version", [{ "@id": `pkg:oci/x@1?checksum=sha256:${hex}` }], 0],
  ])("takes a statement %s: %s → %i", (_, products, count) => {
    expect(statements({ name: "CVE-1", products })).toHaveLength(count);
  });

  it.each<[string, unknown, string]>([
    ["as Docker Scout writes it", "pkg:docker/acme/app@v1", "docker.io/acme/app"],
    ["at Docker Hub without a namespace", "pkg:docker/nginx@1.29", "docker.io/library/nginx"],
    ["as BuildKit writes it", "pkg:docker/ghcr.io/acme/app@v1?platform=linux%2Famd64", "ghcr.io/acme/app"],
    ["with its registry apart", "pkg:docker/acme/app@v1?repository_url=gcr.io", "gcr.io/acme/app"],
    ["as OCI", { "@id": "pkg:oci/app?repository_url=ghcr.io/acme/app" }, "ghcr.io/acme/app"],
    [
      "as OCI with a tag",
      { "@id": "pkg:oci/app?repository_url=ghcr.io/acme/app&tag=v1" },
      "ghcr.io/acme/app",
    ],
    ["as OCI below a repository", "pkg:oci/app?repository_url=ghcr.io/acme", "ghcr.io/acme/app"],
    ["as OCI at Docker Hub", "pkg:oci/app?repository_url=index.docker.io/acme/app", "docker.io/acme/app"],
    [
      "by an identifier",
      { "@id": "urn:app", identifiers: { purl: "pkg:docker/acme/app@v1" } },
      "docker.io/acme/app",
    ],
    ["by its name", "ghcr.io/acme/app", "ghcr.io/acme/app"],
    ["by its name and a tag", "ghcr.io/acme/app:v1", "ghcr.io/acme/app"],
    ["by its name at a port", "localhost:5000/acme/app:v1", "localhost:5000/acme/app"],
    ["by its name at a host of one part", "registry:5000/acme/app:v1", "registry:5000/acme/app"],
  ])("takes an all-clear about an image %s for one about its repository: %j", (_, product, repository) => {
    for (const status of ["not_affected", "fixed"]) {
      const document = openVex(subject, [{ name: "CVE-1", products: [product], status }]);
      expect(read(vex, document, [repository]).vex?.statements).toMatchObject([{ repository }]);
    }
  });

  it.each<[string, readonly string[], boolean]>([
    ["by that repository, as cosign does", ["ghcr.io/acme/app"], true],
    ["by its name and a tag", ["ghcr.io/acme/app:v1"], true],
    ["by a package URL, as BuildKit does", ["pkg:docker/ghcr.io/acme/app@v1?platform=linux%2Famd64"], true],
    ["by several names", ["ghcr.io/acme/other", "ghcr.io/acme/app"], true],
    ["by another repository", ["ghcr.io/acme/other"], false],
    ["by the same at another registry", ["docker.io/acme/app"], false],
    ["by one that begins alike", ["ghcr.io/acme/app-evil"], false],
    ["by a short name", ["acme/app"], false],
    ["by the name of a file", ["app.tar"], false],
    ["by no name", [], false],
  ])(
    "counts an all-clear about a repository where the signed statement calls the digest %s",
    (_, names, counts) => {
      const document = openVex(subject, [{ name: "CVE-1", products: ["ghcr.io/acme/app"] }]);
      const why = "a repository that the attestation's subject does not name";
      const aside = { vulnerabilities: ["CVE-1"], product: "ghcr.io/acme/app", why };
      expect(read(vex, document, names).vex).toMatchObject({
        statements: counts ? [{ repository: "ghcr.io/acme/app" }] : [],
        setAside: counts ? [] : [aside],
      });
    },
  );

  it.each<[string, unknown, string]>([
    ["another digest", { "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }, "which names another digest"],
    [
      "another hash",
      { "@id": "pkg:oci/app", hashes: { "sha-256": other.slice(7) } },
      "which names another digest",
    ],
    ["a digest by another algorithm", "ghcr.io/acme/app@sha512:ab", UNCOMPARABLE],
    ["a hash by another algorithm", { "@id": "ghcr.io/acme/app", hashes: { "sha-512": "ab" } }, UNCOMPARABLE],
    ["hashes that name none", { "@id": "ghcr.io/acme/app", hashes: {} }, UNCOMPARABLE],
    ["a hash that cannot be read", { "@id": "ghcr.io/acme/app", hashes: { "sha-256": 7 } }, UNCOMPARABLE],
    ["a package by its hash", { "@id": "pkg:npm/a@1", hashes: { "sha-512": "ab" } }, "which is not an image"],
    ["an image without repository", "pkg:oci/app", "which names neither a digest nor a repository"],
    ["a package", { "@id": "pkg:npm/express@4.0.0" }, "which is not an image"],
    ["a short name", "acme/app", "which is not an image"],
    ["an address", "https://github.com/acme/app", "which is not an image"],
    ["an image whose name is none", "ghcr.io/Acme//App", "which is not an image"],
    [
      "a package URL that cannot be decoded",
      "pkg:docker/%E0%A4%A@v1",
      "which names neither a digest nor a repository",
    ],
    ["nothing that has a name", { identifiers: {} }, "which is not an image"],
    [
      "two repositories",
      { "@id": "pkg:docker/acme/app@v1", identifiers: { purl: "pkg:docker/acme/other@v1" } },
      "which names more than one repository",
    ],
  ])("sets an all-clear about %s aside, and says why", (_, product, why) => {
    const stated = { name: "CVE-1", aliases: ["GHSA-1"], products: [product] };
    const { vex: found } = read(vex, openVex(subject, [stated]));
    expect(found).toEqual({
      statements: [],
      setAside: [{ vulnerabilities: ["CVE-1", "GHSA-1"], product: expect.any(String), why }],
    });
  });

  it("keeps an all-clear for this digest, and for each of its repositories beside it, with the packages of each", () => {
    const openssl = [{ "@id": "pkg:deb/debian/openssl@3" }];
    const products = [
      { "@id": `pkg:oci/app@sha256%3A${hex}`, subcomponents: openssl },
      "ghcr.io/acme/app",
      "ghcr.io/acme/other",
      "pkg:npm/express@4.0.0",
    ];
    const names = ["ghcr.io/acme/app", "ghcr.io/acme/other"];
    const { vex: found } = read(vex, openVex(subject, [{ name: "CVE-1", products }]), names);
    expect(found?.setAside).toEqual([]);
    expect(found?.statements.map(({ repository, packages }) => [repository, packages])).toEqual([
      [undefined, ["openssl"]],
      ["ghcr.io/acme/app", undefined],
      ["ghcr.io/acme/other", undefined],
    ]);
  });

  it.each([
    ["by its name alone", [{ "@id": "pkg:oci/app?repository_url=ghcr.io/acme/app" }], 1],
    ["without a repository", ["pkg:oci/app"], 1],
    ["by a tag", ["pkg:docker/acme/app@1.0"], 1],
    ["as a name", ["ghcr.io/acme/app:1.0"], 1],
    ["by its digest in capitals", [`ghcr.io/acme/app@SHA256:${hex.toUpperCase()}`], 1],
    ["about another digest", [{ "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }], 0],
    ["about another hash", [{ "@id": "pkg:oci/app", hashes: { "sha-256": other.slice(7) } }], 0],
    ["about a package", [{ "@id": "pkg:npm/express@4.0.0" }], 0],
    ["by a digest of another algorithm", ["ghcr.io/acme/app@sha512:ab"], 1],
    ["by a package URL with a digest of another algorithm", ["pkg:oci/app@SHA384%3Aab"], 1],
    ["by a hash of another algorithm", [{ "@id": "pkg:oci/app", hashes: { "sha-512": "ab" } }], 1],
    ["by a hash of another algorithm alone", [{ hashes: { blake3: "ab" } }], 1],
    ["by an address and a hash of another algorithm", [{ "@id": "urn:app", hashes: { "sha-1": "ab" } }], 1],
    ["by hashes that cannot be read", [{ "@id": "urn:app", hashes: "ab" }], 1],
    ["by a hash that is null", [{ "@id": "urn:app", hashes: { "sha-256": null } }], 1],
    [
      "by another hash beside one of another algorithm",
      [{ hashes: { "sha-512": "ab", "sha-256": "cd" } }],
      0,
    ],
    [
      "by another digest and a hash of another algorithm",
      [{ "@id": `a@${other}`, hashes: { md5: "ab" } }],
      0,
    ],
    ["about a package by a hash of another algorithm", [{ "@id": "pkg:npm/a@1", hashes: { md5: "ab" } }], 0],
  ])("hears a warning about an image %s, whatever its repository: %j → %i", (_, products, count) => {
    for (const status of ["affected", "under_investigation"]) {
      const { vex: found } = read(vex, openVex(subject, [{ name: "CVE-1", products, status }]));
      expect(found?.statements).toHaveLength(count);
      expect(found?.statements.flatMap(({ repository }) => repository ?? [])).toEqual([]);
      expect(found?.setAside).toEqual([]);
    }
  });

  it("is past a limit where its statements name more images than are kept", () => {
    const products = Array.from({ length: 1000 }, (_, at) => `ghcr.io/acme/app-${at}`);
    const stated = Array.from({ length: 21 }, () => ({ name: "CVE-1", products }));
    expect(() => read(vex, openVex(subject, stated), products)).toThrow("more than 20000 images");
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
