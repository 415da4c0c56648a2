import fastify, { type FastifyInstance } from "fastify";

import { registerAdmission } from "../../src/admission/index.ts";
import { type Digest, Fault, type Scan, type Signature } from "../../src/core/index.ts";
import { createGate, DEFAULT_LIMITS, type GateDeps } from "../../src/gate/index.ts";
import { ADVICE } from "../../src/registry/advice.ts";
import { parseRevocations } from "../../src/revocations/index.ts";
import { parseWaivers } from "../../src/waivers/index.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import {
  aPolicy,
  aRejection,
  aSignature,
  aSigner,
  aStatement,
  anAttestation,
  evidenceOf,
  hoursAgo,
  NOW,
} from "../support/policies.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const RELEASE = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const STOLEN = "https://github.com/acme/stolen/.github/workflows/release.yml@refs/heads/main";
const FORK = "https://github.com/mallory/app/.github/workflows/release.yml@refs/heads/main";

/** What a digest's first character stands for in every case: `sha256:aaaa…` is signed and attested, and so on. */
const KNOWN = {
  signed: "a",
  unsigned: "b",
  stranger: "c",
  forked: "d",
  waived: "e",
  expired: "f",
  unattested: "1",
  vulnerable: "2",
  stolen: "3",
  unreachable: "4",
  nonPromotable: "5",
  tampered: "6",
  revoked: "7",
  halfListed: "8",
  private: "9",
  scannedLongAgo: "0",
} as const;
type Name = keyof typeof KNOWN;

function digestOf(name: Name): Digest {
  return `sha256:${KNOWN[name].repeat(64)}` as Digest;
}

const POLICY = `
trustRoots: { main: { source: publicGood } }
authorities:
  release: { keyless: { trustRoot: main, issuer: "${GITHUB}", identity: "${RELEASE}" } }
  former: { keyless: { trustRoot: main, issuer: "${GITHUB}", identity: "${STOLEN}" } }
rules:
  - name: acme
    images: [registry.example/acme/**]
    require:
      signature: { anyOf: [release, former] }
      provenance: { anyOf: [release, former], sourceRepositories: [https://github.com/acme/app] }
  - name: scanned
    images: [registry.example/acme/scanned]
    require: { vulnerability: { anyOf: [release] } }
  - name: listed
    images: [registry.example/acme/listed]
    require: { sbom: { anyOf: [release] } }
`;

function waiver(id: string, digest: Digest, rest: string): string {
  return `  - { id: ${id}, digest: "${digest}", owners: [payments], reason: "The signer is rebuilt this week.", ${rest} }`;
}

const SIGNATURE = "class: signature, created: 2026-11-24T00:00:00Z";
const WAIVERS = [
  "waivers:",
  waiver("W-1", digestOf("waived"), `${SIGNATURE}, ttl: 7d, namespaces: [shop]`),
  waiver("W-2", digestOf("expired"), `${SIGNATURE}, expires: 2026-11-24T12:00:00Z`),
  waiver(
    "W-3",
    digestOf("vulnerable"),
    "class: vulnerability, findings: [CVE-2026-1111], created: 2026-11-20T00:00:00Z, ttl: 30d",
  ),
  waiver("W-4", digestOf("revoked"), `${SIGNATURE}, ttl: 7d`),
].join("\n");

const REVOCATIONS = `
revocations:
  - id: REV-1
    identity: "${STOLEN}"
    issuer: "${GITHUB}"
    from: 2026-11-01T00:00:00Z
    reason: The release token was read by somebody else.
    created: 2026-11-20T00:00:00Z
  - id: REV-2
    digest: "${digestOf("revoked")}"
    reason: It ships live credentials.
    created: 2026-11-20T00:00:00Z
nonPromotable:
  - { digest: "${digestOf("nonPromotable")}", reason: "built by hand in 2024, no provenance" }
`;

const SOURCE = { sources: [{ repository: "https://github.com/acme/app" }] };
const SCAN: Scan = {
  scanner: "trivy",
  finishedAt: NOW,
  vulnerabilities: [
    { id: "CVE-2026-1111", severity: "critical", fix: "none", package: "openssl" },
    { id: "CVE-2026-2222", severity: "high", fix: "available", fixedVersion: "1.3.2", package: "zlib" },
  ],
};

function signedBy(signer: Signature["signer"], source: object = SOURCE): Parameters<typeof evidenceOf>[0] {
  return { signatures: [aSignature({ signer })], attestations: [anAttestation(source, { signer })] };
}

function scanned(): Parameters<typeof evidenceOf>[0] {
  const scan = aStatement("https://cosign.sigstore.dev/attestation/vuln/v1", { scan: SCAN });
  return { signatures: [aSignature()], attestations: [anAttestation(SOURCE), scan] };
}

/** An SBOM whose type does not fit its content. */
function wronglyListed(): Parameters<typeof evidenceOf>[0] {
  const unreadable = "it declares CycloneDX, but its bomFormat is another";
  const bill = aStatement("https://cyclonedx.org/bom", { unreadable });
  return { signatures: [aSignature()], attestations: [anAttestation(SOURCE), bill] };
}

function scannedLongAgo(): Parameters<typeof evidenceOf>[0] {
  const at = hoursAgo(24 * 19);
  const scan = aStatement("https://cosign.sigstore.dev/attestation/vuln/v1", {
    scan: { ...SCAN, finishedAt: at, vulnerabilities: [] },
    trustedTime: at,
  });
  return { signatures: [aSignature()], attestations: [anAttestation(SOURCE), scan] };
}

/** What the registry holds about each of them. */
const FOUND: Readonly<Partial<Record<Name, Parameters<typeof evidenceOf>[0]>>> = {
  signed: signedBy(aSigner()),
  stranger: signedBy(aSigner({ identity: FORK })),
  forked: signedBy(aSigner(), { sources: [{ repository: "https://github.com/mallory/app" }] }),
  waived: { attestations: [anAttestation(SOURCE)] },
  expired: { attestations: [anAttestation(SOURCE)] },
  unattested: { signatures: [aSignature()] },
  vulnerable: scanned(),
  stolen: signedBy(aSigner({ identity: STOLEN })),
  nonPromotable: signedBy(aSigner()),
  tampered: { rejections: [aRejection({ message: "the signature does not fit the payload" })] },
  revoked: signedBy(aSigner()),
  halfListed: wronglyListed(),
  scannedLongAgo: scannedLongAgo(),
};

const NO_CREDENTIALS = new Fault(
  "registry/forbidden",
  "registry.example answered HTTP 401, and there are no credentials for it",
  { advice: ADVICE.noCredentials },
);

const DEPS: GateDeps = {
  registry: {
    resolve: () => Promise.resolve(digestOf("signed")),
    contents: ({ digest }) =>
      Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
    attachments: ({ digest }) => {
      if (digest === digestOf("unreachable"))
        return Promise.reject(new Fault("registry/unavailable", "registry.example does not answer"));
      if (digest === digestOf("private")) return Promise.reject(NO_CREDENTIALS);
      return Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] });
    },
  },
  verify: ({ subject }) => {
    const name = Object.entries(KNOWN).find(([, first]) => subject === `sha256:${first.repeat(64)}`)?.[0];
    return Promise.resolve({ ...evidenceOf(FOUND[name as Name] ?? {}), subject });
  },
  trust: () => ({ generation: "1", roots: [], keys: [] }),
  policy: () => aPolicy(POLICY),
  waivers: () => good(parseWaivers(WAIVERS)),
  revocations: () => good(parseRevocations(REVOCATIONS)),
  now: () => NOW,
  observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
  limits: DEFAULT_LIMITS,
};

function good<T>(
  parsed: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: unknown },
): T {
  if (parsed.ok) return parsed.value;
  throw new Error(JSON.stringify(parsed.problems));
}

/** The admission endpoints at noon of 2026-11-24 with one policy, and an image of every kind. */
export function openWorld(): FastifyInstance {
  const app = fastify();
  registerAdmission(app, {
    ...NOTHING_BESIDES,
    gate: createGate(DEPS),
    modeOf: (namespace) => (namespace === "strict" ? "enforce" : undefined),
    workloads: [{ group: "acme.example", kind: "Thing", path: ["spec", "pod"] }],
  });
  return app;
}
