import { statSync } from "node:fs";
import { dirname, join } from "node:path";

import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import { checkPacket, type PacketCheck, SIGNATURE, signatureText } from "../../evidence-packet/index.ts";
import { type BundleOptions, bundleProblem } from "../bundle-problem.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print } from "../terminal.ts";

/** What `mc evidence verify` takes. */
export interface VerifyEvidenceOptions extends Omit<BundleOptions, "bundle" | "staging"> {
  readonly bundle?: string;
  readonly hashesOnly: boolean;
  readonly output: "text" | "json";
}

/** `mc evidence verify`: exits 10 for a difference or a wrong signature, 11 where a page does not hold every file. */
export async function verifyEvidence(path: string, options: VerifyEvidenceOptions): Promise<ExitCode> {
  const { hashesOnly } = options;
  requireSigner(options);
  const check = await checkPacket(path);
  const problem = hashesOnly ? undefined : await signatureProblem(path, check, options);
  const isSame = check.differences.length === 0 && problem === undefined;
  const answer = {
    verified: isSame,
    ...check,
    manifest: undefined,
    signature: hashesOnly ? "not checked" : (problem ?? "verified"),
  };
  print(options.output === "json" ? jsonAnswer(answer) : textOf(check, problem, hashesOnly));
  if (!isSame) return EXIT.refused;
  return check.notHeld.length > 0 ? EXIT.unknown : EXIT.allowed;
}

function requireSigner({ key, certificateIdentity, hashesOnly }: VerifyEvidenceOptions): void {
  if (hashesOnly || key !== undefined || certificateIdentity !== undefined) return;
  throw new UsageError(
    "name who must have signed it: --key, or --certificate-identity with --certificate-oidc-issuer; or give --hashes-only",
  );
}

async function signatureProblem(
  path: string,
  { sha256 }: PacketCheck,
  options: VerifyEvidenceOptions,
): Promise<string | undefined> {
  if (sha256 === undefined) return "there is no manifest that could be signed";
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const bundle = options.bundle ?? join(folder, SIGNATURE);
  if ((await signatureText(bundle)) === undefined) return `${bundle} is missing`;
  return bundleProblem(`sha256:${sha256}`, { ...options, bundle, staging: false });
}

function textOf(
  { files, sha256, differences, notHeld }: PacketCheck,
  problem: string | undefined,
  hashesOnly: boolean,
): string {
  const [first, ...others] = differences;
  return [
    ...(sha256 === undefined ? [] : [`${files} files, SHA-256 of manifest.json ${sha256}`]),
    ...(notHeld.length > 0 ? [`Not in the page, and not checked: ${notHeld.join(", ")}.`] : []),
    ...(first === undefined ? [] : [`Changed: ${first}.`, ...others.map((each) => `  ${each}`)]),
    ...(first === undefined && sha256 !== undefined ? ["Every file is what the manifest names."] : []),
    hashesOnly
      ? "Who signed it was not checked."
      : problem === undefined
        ? "The signature is right."
        : `The signature does not hold: ${problem}.`,
  ].join("\n");
}
