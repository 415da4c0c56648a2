import { createHash } from "node:crypto";

import type { RegistryReady } from "./registry.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const IDENTITY = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const DAY = 24 * 3_600_000;

/** What the bench's policies ask of its images. */
export type PolicyName = "key" | "provenance" | "sbom" | "nobody";

/** How large the documents are. */
export interface DocumentSizes {
  readonly policy: PolicyName;
  /** Rules altogether; all but one are for other repositories of the same registry. */
  readonly rules: number;
  readonly waivers: number;
  readonly nonPromotable: number;
}

/** Small documents. */
export const SMALL: DocumentSizes = { policy: "key", rules: 1, waivers: 0, nonPromotable: 0 };

/** The texts of the three documents that steer a gate. */
export interface Documents {
  readonly policy: string;
  readonly waivers: string;
  readonly revocations: string;
}

/** A workflow that has signed nothing. */
const NOBODY = "https://github.com/acme/nobody/.github/workflows/none.yml@refs/heads/main";

/** Documents for the bench's registry; JSON is YAML. `salt` makes a new trust generation, and so an empty cache. */
export function documentsOf(registry: RegistryReady, sizes: DocumentSizes, salt: number): Documents {
  return {
    policy: policyOf(registry, sizes, salt),
    waivers: JSON.stringify({ waivers: Array.from({ length: sizes.waivers }, (_, at) => waiverOf(at)) }),
    revocations: JSON.stringify({ revocations: [], nonPromotable: nonPromotableOf(sizes.nonPromotable) }),
  };
}

function policyOf(
  { host, keyPem, trustedRoot, otherRoot, silent = [], plain = [] }: RegistryReady,
  { policy, rules }: DocumentSizes,
  salt: number,
): string {
  const others = Array.from({ length: rules - 1 }, (_, at) => ({
    name: `team-${at}`,
    images: [`${host}/team-${at}/*`],
    require: { signature: { anyOf: ["release"] } },
  }));
  return JSON.stringify({
    trustRoots: {
      bench: { source: "inline", trustedRoot },
      [`salt-${salt}`]: { source: "inline", trustedRoot: otherRoot },
    },
    authorities: {
      release: { keyless: { trustRoot: "bench", issuer: ISSUER, identity: IDENTITY } },
      salt: {
        keyless: { trustRoot: `salt-${salt}`, issuer: ISSUER, identity: NOBODY },
      },
      operations: { key: { pem: keyPem, transparencyLogNotRequiredUnsafe: true } },
    },
    rules: [
      ...others,
      {
        name: "bench",
        images: [host, ...silent, ...plain].map((each) => `${each}/bench/*`),
        require: REQUIRE[policy],
      },
    ],
  });
}

const BOTH = { anyOf: ["release", "operations"] };
const REQUIRE: Readonly<Record<PolicyName, unknown>> = {
  key: { signature: { anyOf: ["operations"] } },
  provenance: { signature: BOTH, provenance: BOTH },
  sbom: { signature: BOTH, provenance: BOTH, sbom: BOTH },
  nobody: { signature: { anyOf: ["salt"] } },
};

function waiverOf(at: number): unknown {
  const created = new Date(Date.now() - DAY);
  return {
    id: `W-${at}`,
    class: "vulnerability",
    digest: digestOf(`waived ${at}`),
    findings: [`CVE-2026-${10_000 + at}`],
    reason: "The supplier's repair is announced for the next release.",
    owners: ["team-bench"],
    created: created.toISOString(),
    expires: new Date(created.getTime() + 7 * DAY).toISOString(),
  };
}

function nonPromotableOf(count: number): unknown[] {
  const reason = "no provenance can be proven";
  return Array.from({ length: count }, (_, at) => ({ digest: digestOf(`not promotable ${at}`), reason }));
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
