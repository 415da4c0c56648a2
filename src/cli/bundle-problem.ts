import { readFileSync } from "node:fs";

import { parseDigest, parsePublicKey, type TrustSnapshot, UsageError } from "../core/index.ts";
import { checkTrustedRoot, publicGoodSeed } from "../trust/index.ts";
import { type Artifact, type ExpectedSigner, verifyBundle } from "../verify/index.ts";
import { readText } from "./terminal.ts";

/** A bundle, and who must have made it. */
export interface BundleOptions {
  readonly bundle: string;
  readonly certificateIdentity?: string;
  readonly certificateOidcIssuer?: string;
  readonly key?: string;
  readonly trustedRoot?: string;
  readonly staging: boolean;
}

/** Why the bundle does not verify; undefined where it does. Throws UsageError where a file or flag cannot be used. */
export function bundleProblem(artifact: string, options: BundleOptions): string | undefined {
  return verifyBundle({
    bundle: readText(options.bundle),
    artifact: artifactOf(artifact),
    signer: signerOf(options),
    trust: trustOf(options),
  });
}

function artifactOf(text: string): Artifact {
  const digest = parseDigest(text);
  if (digest !== undefined) return { digest };
  try {
    return { bytes: readFileSync(text) };
  } catch (error) {
    throw new UsageError(
      `cannot read ${text}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
}

function signerOf({
  certificateIdentity: identity,
  certificateOidcIssuer: issuer,
  key,
}: BundleOptions): ExpectedSigner {
  if (key !== undefined && identity === undefined && issuer === undefined) return "key";
  if (key === undefined && identity && issuer) return { identity, issuer };
  throw new UsageError("give --certificate-identity and --certificate-oidc-issuer, or --key");
}

function trustOf({ trustedRoot, staging, key }: BundleOptions): TrustSnapshot {
  if (staging && trustedRoot === undefined) {
    throw new UsageError(
      "the staging instance's root does not ship with this program: name it by --trusted-root",
    );
  }
  const text = trustedRoot === undefined ? publicGoodSeed().text : readText(trustedRoot);
  const problems = checkTrustedRoot(text);
  if (problems.length > 0) throw new UsageError(`the trusted root cannot be used: ${problems.join("; ")}`);
  const root = { name: "root", trustedRoot: text, tlogThreshold: 1, ctlogThreshold: 1 } as const;
  return { generation: "one", roots: [root], keys: key === undefined ? [] : [keyOf(key)] };
}

function keyOf(file: string): TrustSnapshot["keys"][number] {
  const parsed = parsePublicKey(readText(file));
  if (parsed.ok) return parsed.key;
  throw new UsageError(`${file}: ${parsed.why}`);
}
