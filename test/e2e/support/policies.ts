import { readFileSync } from "node:fs";

import type { KeyPair } from "./cosign.ts";
import { GITHUB_ISSUER, subjectOf, type WorkflowIdentity } from "./identities.ts";
import type { SigstoreServer } from "./sigstore.ts";

/** What the policy of a scenario trusts. */
export interface PolicyOptions {
  readonly sigstore: SigstoreServer;
  readonly keys: KeyPair;
  readonly identity: WorkflowIdentity;
  /** Globs of the images that the rule holds for. */
  readonly images: readonly string[];
  /** Asks for provenance, too. */
  readonly provenance?: boolean;
}

/** A policy with one keyless authority and one key, as JSON, which is YAML. */
export function policyText({ sigstore, keys, identity, images, provenance = true }: PolicyOptions): string {
  const anyOf = ["release", "operations"];
  const source = `https://github.com/${identity.repository}`;
  const policy = {
    trustRoots: { test: { source: "inline", trustedRoot: readFileSync(sigstore.trustedRoot, "utf8") } },
    authorities: {
      release: {
        keyless: {
          trustRoot: "test",
          issuer: GITHUB_ISSUER,
          identity: subjectOf(identity),
          claims: { sourceRepositoryURI: source },
        },
      },
      operations: {
        key: { pem: readFileSync(keys.publicKey, "utf8"), transparencyLogNotRequiredUnsafe: true },
      },
    },
    rules: [
      {
        name: "acme",
        images,
        require: {
          signature: { anyOf },
          ...(provenance && { provenance: { anyOf, sourceRepositories: [source] } }),
        },
      },
    ],
  };
  return JSON.stringify(policy, undefined, 2);
}

/** A policy that asks every image of these globs for a signature by one key, PEM; as JSON, which is YAML. */
export function keyPolicy(pem: string, images: readonly string[]): string {
  const require = { signature: { anyOf: ["operations"] } };
  return JSON.stringify({
    authorities: { operations: { key: { pem, transparencyLogNotRequiredUnsafe: true } } },
    rules: [{ name: "all", images, require }],
  });
}
