import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type McFolder, mcFolder, type Outcome } from "../../support/run-mc.ts";
import { type KeyPair, generateKeyPair } from "./cosign.ts";
import { GITHUB_ISSUER, subjectOf, workflowToken, type WorkflowIdentity } from "./identities.ts";
import { run } from "./process.ts";
import { PROJECT } from "./programs.ts";
import type { SigstoreServer } from "./sigstore.ts";

/** The workflow that promotes. */
export const PROMOTION: WorkflowIdentity = { repository: "acme/promotion", workflow: "promote.yml" };
export const VERIFIER = "https://acme.test/promoter";
export const POLICY_URI = "https://acme.test/policy.yaml";

/** Keys, documents and a folder to promote from, against registries on loopback. */
export interface PromotionWorld {
  readonly folder: string;
  readonly builder: KeyPair;
  readonly promoter: KeyPair;
  readonly stranger: KeyPair;
  /** Writes a file, and gives its path. */
  readonly write: McFolder["write"];
  /** Runs `mc` in this process, which takes a tenth of the time. */
  readonly mc: McFolder["mc"];
  /** Runs it as a process of its own. */
  readonly process: (args: readonly string[]) => Promise<Outcome>;
  readonly stop: () => Promise<void>;
}

export async function promotionWorld(hosts: readonly string[]): Promise<PromotionWorld> {
  const [builder, promoter, stranger] = await Promise.all([
    generateKeyPair(),
    generateKeyPair(),
    generateKeyPair(),
  ]);
  const folder = mcFolder(...hosts.map((host) => ({ host })));
  folder.write("token", workflowToken(PROMOTION));
  return {
    folder: folder.path,
    builder,
    promoter,
    stranger,
    write: folder.write,
    mc: folder.mc,
    process: (args) =>
      run(process.execPath, [join(PROJECT, "src/cli/main.ts"), ...args], {
        cwd: folder.path,
        env: { COSIGN_PASSWORD: "" },
        timeoutMs: 170_000,
      }),
    stop: async () => {
      await Promise.all([builder, promoter, stranger].map((keys) => keys.stop()));
      folder.remove();
    },
  };
}

/** A policy: `require` for whatever is in namespace prod, provenance by the builder's key for the rest. */
export function promotionPolicy(
  { builder, promoter }: Pick<PromotionWorld, "builder" | "promoter">,
  sigstore: SigstoreServer,
  promotable: object,
): string {
  const keyless = { trustRoot: "test", issuer: GITHUB_ISSUER, identity: subjectOf(PROMOTION) };
  const images = ["**"];
  const summary = {
    anyOf: ["promoter", "workflow"],
    verifiers: [VERIFIER],
    judgedFor: ["default"],
    ...promotable,
  };
  return JSON.stringify({
    trustRoots: { test: { source: "inline", trustedRoot: readFileSync(sigstore.trustedRoot, "utf8") } },
    authorities: { builder: authorityOf(builder), promoter: authorityOf(promoter), workflow: { keyless } },
    rules: [
      { name: "built", images, namespaces: ["default"], require: { provenance: { anyOf: ["builder"] } } },
      { name: "promoted", images, namespaces: ["prod"], require: { promotable: summary } },
    ],
  });
}

function authorityOf({ publicKey }: KeyPair): object {
  return { key: { pem: readFileSync(publicKey, "utf8"), transparencyLogNotRequiredUnsafe: true } };
}

/** Arguments by which the workflow signs. */
export function keylessArguments(sigstore: SigstoreServer): string[] {
  return [
    "--certificate-identity",
    subjectOf(PROMOTION),
    "--certificate-oidc-issuer",
    GITHUB_ISSUER,
    "--identity-token-file",
    "token",
    "--fulcio-url",
    sigstore.url,
    "--rekor-url",
    sigstore.url,
  ];
}
