import type { Digest } from "../../src/core/index.ts";

type Json = Record<string, unknown>;

/** SPDX 2.3 as syft writes it, with this many packages. */
export function spdx23(packages = 2, created = "2026-11-24T10:00:00Z"): Json {
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "ghcr.io/acme/app",
    documentNamespace: "https://anchore.com/syft/image/ghcr.io/acme/app-1",
    creationInfo: { created, creators: ["Organization: Anchore, Inc", "Tool: syft-1.38.0"] },
    packages: Array.from({ length: packages }, (_, at) => spdxPackage(at)),
    relationships: [],
  };
}

/** SPDX 3.0.1 as a JSON-LD graph. */
export function spdx3(packages = 2, created = "2026-11-24T10:00:00Z"): Json {
  const graph = [
    { type: "CreationInfo", "@id": "_:creationinfo", specVersion: "3.0.1", created, createdBy: ["urn:acme"] },
    { type: "SpdxDocument", spdxId: "urn:doc", creationInfo: "_:creationinfo", rootElement: ["urn:app"] },
    ...Array.from({ length: packages }, (_, at) => ({
      type: "software_Package",
      spdxId: `urn:package:${at}`,
      creationInfo: "_:creationinfo",
      name: `package-${at}`,
    })),
    { type: "Relationship", spdxId: "urn:r", creationInfo: "_:creationinfo", relationshipType: "contains" },
  ];
  return { "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph };
}

/** CycloneDX 1.6 with two components, one of them inside of the other. */
export function cycloneDx(timestamp = "2026-11-24T10:00:00Z"): Json {
  const inner = { type: "library", name: "zlib", version: "1.3.1", purl: "pkg:apk/alpine/zlib@1.3.1" };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    version: 1,
    metadata: { timestamp, component: { type: "container", name: "ghcr.io/acme/app" } },
    components: [{ type: "operating-system", name: "alpine", version: "3.22", components: [inner] }],
  };
}

/** One vulnerability of a report; critical and with a fix, unless told otherwise. */
export interface Reported {
  readonly id: string;
  readonly severity?: string;
  readonly fixed?: string | undefined;
  readonly name?: string;
}

/** Trivy's JSON report: a clean target of the operating system, and one with these vulnerabilities. */
export function trivyReport(found: readonly Reported[]): Json {
  return {
    SchemaVersion: 2,
    Trivy: { Version: "0.67.0" },
    CreatedAt: "2026-11-24T10:30:00.123456789Z",
    ArtifactName: "ghcr.io/acme/app",
    ArtifactType: "container_image",
    Results: [
      { Target: "ghcr.io/acme/app (alpine 3.22.2)", Class: "os-pkgs", Type: "alpine" },
      {
        Target: "app/package-lock.json",
        Class: "lang-pkgs",
        Type: "npm",
        ...(found.length > 0 && { Vulnerabilities: found.map(trivyVulnerability) }),
      },
    ],
  };
}

/** Grype's JSON report. Ids that begin with GHSA relate to the CVE id given after a space. */
export function grypeReport(found: readonly Reported[]): Json {
  return {
    matches: found.map(({ id, severity = "Critical", fixed, name = "openssl" }) => {
      const [own, related] = id.split(" ");
      return {
        vulnerability: {
          id: own,
          dataSource: `https://github.com/advisories/${own!}`,
          namespace: "github:language:javascript",
          severity,
          fix:
            fixed === undefined
              ? { versions: [], state: "not-fixed" }
              : { versions: [fixed], state: "fixed" },
        },
        relatedVulnerabilities: related === undefined ? [] : [{ id: related, namespace: "nvd:cpe" }],
        matchDetails: [{ type: "exact-direct-match", matcher: "javascript-matcher" }],
        artifact: { id: "0f1", name, version: "1.0.0", type: "npm", purl: `pkg:npm/${name}@1.0.0` },
      };
    }),
    source: { type: "image", target: { userInput: "ghcr.io/acme/app" } },
    distro: { name: "alpine", version: "3.22.2", idLike: [] },
    descriptor: { name: "grype", version: "0.104.0", timestamp: "2026-11-24T10:30:00Z" },
  };
}

/** A SARIF log as Trivy writes it. */
export function sarifLog(found: readonly (Reported & { readonly score?: string })[]): Json {
  const rules = found.map(({ id, severity = "CRITICAL", score }) => ({
    id,
    name: "LanguageSpecificPackageVulnerability",
    properties: {
      precision: "very-high",
      ...(score !== undefined && { "security-severity": score }),
      tags: ["vulnerability", "security", severity],
    },
  }));
  const results = found.map(({ id, name = "openssl", fixed }, ruleIndex) => {
    const text = `Package: ${name}\nInstalled Version: 1.0.0\nVulnerability ${id}\n`;
    return {
      ruleId: id,
      ruleIndex,
      level: "error",
      message: { text: `${text}Fixed Version: ${fixed ?? ""}\n` },
    };
  });
  return {
    version: "2.1.0",
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    runs: [{ tool: { driver: { name: "Trivy", version: "0.67.0", rules } }, results }],
  };
}

/** Cosign's predicate around a scanner's report. */
export function cosignVuln(
  result: unknown,
  { finished = "2026-11-24T11:00:00Z", scanner = "pkg:github/aquasecurity/trivy@v0.67.0" } = {},
): Json {
  return {
    invocation: { parameters: null, uri: "", event_id: "", "builder.id": "" },
    scanner: { uri: scanner, version: "0.67.0", db: { uri: "", version: "" }, result },
    metadata: { scanStartedOn: "2026-11-24T10:59:00Z", scanFinishedOn: finished },
  };
}

/** The list of in-toto's vulnerability predicates. */
export function inTotoResult(found: readonly { readonly id: string; readonly score: string }[]): Json[] {
  return found.map(({ id, score }) => ({ id, severity: [{ method: "nvd", score }] }));
}

/** One statement of an OpenVEX document. */
export interface VexClaim {
  readonly name: string;
  readonly status?: string;
  readonly aliases?: readonly string[];
  /** What `products` holds; the image where absent. */
  readonly products?: unknown;
  readonly justification?: string | undefined;
  readonly timestamp?: string;
}

/** An OpenVEX 0.2.0 document about an image. */
export function openVex(
  digest: Digest,
  claims: readonly VexClaim[],
  timestamp = "2026-11-24T11:00:00Z",
): Json {
  return {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://openvex.dev/docs/acme/vex-1",
    author: "security@acme.test",
    timestamp,
    version: 1,
    statements: claims.map((each) => statementOf(digest, each)),
  };
}

/** A SLSA verification summary v1 that passed. */
export function summary(differing: Json = {}): Json {
  return {
    verifier: { id: "https://acme.test/promoter" },
    timeVerified: "2026-11-24T11:00:00Z",
    resourceUri: "pkg:oci/app?repository_url=ghcr.io/acme/app",
    policy: { uri: "https://acme.test/policy", digest: { sha256: "b".repeat(64) } },
    inputAttestations: [],
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
    slsaVersion: "1.0",
    ...differing,
  };
}

function spdxPackage(at: number): Json {
  return {
    name: `package-${at}`,
    SPDXID: `SPDXRef-Package-${at}`,
    versionInfo: "1.0.0",
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    externalRefs: [
      {
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: `pkg:npm/package-${at}@1.0.0`,
      },
    ],
  };
}

function trivyVulnerability({ id, severity = "CRITICAL", fixed, name = "openssl" }: Reported): Json {
  return {
    VulnerabilityID: id,
    PkgName: name,
    InstalledVersion: "1.0.0",
    ...(fixed === undefined ? { Status: "affected" } : { FixedVersion: fixed, Status: "fixed" }),
    Severity: severity,
    Title: "a flaw",
    PrimaryURL: `https://avd.aquasec.com/nvd/${id.toLowerCase()}`,
  };
}

function statementOf(digest: Digest, { name, status = "not_affected", ...more }: VexClaim): Json {
  const { aliases, products = [{ "@id": `pkg:oci/app@${digest.replace(":", "%3A")}` }], timestamp } = more;
  const justification = "justification" in more ? more.justification : "vulnerable_code_not_in_execute_path";
  return {
    vulnerability: { name, ...(aliases && { aliases }) },
    products,
    status,
    ...(justification !== undefined && { justification }),
    ...(timestamp !== undefined && { timestamp }),
  };
}
