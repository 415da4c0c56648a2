import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { BundleOptions } from "../../src/cli/bundle-problem.ts";

const BEACON = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon";
const DEFAULT_IDENTITY = `${BEACON}/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main`;
const DEFAULT_ISSUER = "https://token.actions.githubusercontent.com";
const BUNDLE = "bundle.sigstore.json";
const MUST_FAIL = "_fail";

/** One folder of the suite's bundle cases. */
export interface ConformanceCase {
  readonly name: string;
  readonly mustVerify: boolean;
  /** Path of the signed file. */
  readonly artifact: string;
  readonly options: BundleOptions;
}

/**
 * The cases of a folder, in the order of their names. A folder of the suite holds a bundle, and beside it whatever
 * differs from the suite's defaults (sigstore-conformance, test/assets/bundle-verify/README.md).
 */
export function casesIn(folder: string): ConformanceCase[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return names.toSorted().map((name) => caseIn(folder, name));
}

function caseIn(folder: string, name: string): ConformanceCase {
  const file = (leaf: string): string => join(folder, name, leaf);
  const own = (leaf: string): string | undefined => (existsSync(file(leaf)) ? file(leaf) : undefined);
  const text = (leaf: string): string | undefined => {
    const path = own(leaf);
    return path === undefined ? undefined : readFileSync(path, "utf8").trim();
  };
  const key = own("key.pub");
  const trustedRoot = own("trusted_root.json");
  const artifact = own("artifact") ?? join(folder, "a.txt");
  for (const path of [file(BUNDLE), artifact])
    if (!existsSync(path)) throw new Error(`the case ${name} has no ${path}`);
  const signer =
    key === undefined
      ? {
          certificateIdentity: text("identity") ?? DEFAULT_IDENTITY,
          certificateOidcIssuer: text("issuer") ?? DEFAULT_ISSUER,
        }
      : { key };
  return {
    name,
    mustVerify: !name.endsWith(MUST_FAIL),
    artifact,
    options: {
      bundle: file(BUNDLE),
      staging: false,
      ...signer,
      ...(trustedRoot !== undefined && { trustedRoot }),
    },
  };
}
