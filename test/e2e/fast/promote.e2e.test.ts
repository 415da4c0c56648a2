import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { digestOf } from "../../../src/core/index.ts";
import { attestImage, cosign, slsaProvenance } from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf } from "../support/identities.ts";
import { pushText } from "../support/images.ts";
import {
  keylessArguments,
  POLICY_URI,
  PROMOTION,
  promotionPolicy,
  type PromotionWorld,
  promotionWorld,
  VERIFIER,
} from "../support/promotions.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const SUMMARY = "https://slsa.dev/verification_summary/v1";
const REGISTRIES = ["with referrers", "without referrers"] as const;

async function verifiedByCosign(image: string, ...who: readonly string[]): Promise<number> {
  const plain = ["--allow-http-registry", "--allow-insecure-registry"];
  const { code, stderr } = await cosign(["verify-attestation", "--type", SUMMARY, ...who, ...plain, image]);
  if (code !== 0) process.stderr.write(stderr);
  return code;
}

function outcomesOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) {
  if (stdout === "") throw new Error(stderr);
  const { outcomes } = JSON.parse(stdout) as { outcomes: Record<string, number> };
  return Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0));
}

describe("summaries of mc promote on real registries", () => {
  let sigstore: SigstoreServer;
  let registries: Record<(typeof REGISTRIES)[number], RegistryServer>;
  let world: PromotionWorld;
  let policy: string;

  beforeAll(async () => {
    vi.stubEnv("COSIGN_PASSWORD", "");
    sigstore = await startSigstore();
    registries = {
      "with referrers": await startRegistry({ referrers: true }),
      "without referrers": await startRegistry({ referrers: false }),
    };
    world = await promotionWorld(Object.values(registries).map(({ host }) => host));
    policy = promotionPolicy(world, sigstore, { policies: "inForce" });
    world.write("policy.yaml", policy);
  });
  afterAll(async () => {
    await Promise.all([
      sigstore.stop(),
      world.stop(),
      ...Object.values(registries).map((each) => each.stop()),
    ]);
  });

  const BY = ["--policy", "policy.yaml", "--registries", "registries.yaml"];

  /** An image with real provenance. */
  async function built(host: string, text: string): Promise<string> {
    const image = await pushText(host, text);
    const signer = { kind: "key", keys: world.builder } as const;
    await attestImage(image, signer, "bundle", slsaProvenance({ repository: "acme/app" }));
    return image;
  }

  /** The journal of a backfill of these images. */
  async function judged(images: readonly string[]): Promise<string> {
    const name = digestOf(images.join()).slice(7, 19);
    world.write(`${name}.txt`, images.join("\n"));
    await world.mc(["backfill", "run", ...BY, "--images", `${name}.txt`, "--journal", `${name}.jsonl`]);
    return `${name}.jsonl`;
  }

  function promotion(journal: string, more: readonly string[]): string[] {
    const said = ["--verifier", VERIFIER, "--policy-uri", POLICY_URI, "-o", "json", "--yes"];
    return ["promote", ...BY, "--journal", journal, ...said, ...more];
  }

  /** Judges these images, and promotes what is promotable; gives the outcomes. */
  async function promoted(images: readonly string[], ...more: readonly string[]) {
    const journal = await judged(images);
    return outcomesOf(await world.mc(promotion(journal, more)));
  }

  const byKey = (): string[] => ["--key", world.promoter.privateKey];

  /** What the gate says of an image in prod, where a summary is asked for: `allowed`, or the codes. */
  async function verdictOf(image: string, promotable: object = {}) {
    const accepted = { policies: [{ uri: POLICY_URI, digests: [digestOf(policy)] }] };
    world.write("gate.yaml", promotionPolicy(world, sigstore, { ...accepted, ...promotable }));
    const by = ["--policy", "gate.yaml", "--registries", "registries.yaml", "--namespace", "prod"];
    const { code, stdout, stderr } = await world.mc(["verify", ...by, image]);
    const codes = new Set((stdout + stderr).match(/promotable\/[a-z-]+/g));
    return code === 0 ? "allowed" : [...codes].join(" ");
  }

  it.for(REGISTRIES)("by key, registry %s: the gate and cosign accept it, once", async (kind) => {
    const image = await built(registries[kind].host, `by key, ${kind}`);
    expect(await verdictOf(image)).toBe("promotable/unknown");
    expect(await promoted([image], ...byKey())).toEqual({ written: 1 });
    expect(await verdictOf(image)).toBe("allowed");
    expect(await verifiedByCosign(image, "--key", world.promoter.publicKey, "--insecure-ignore-tlog")).toBe(
      0,
    );
    expect(
      await verifiedByCosign(image, "--key", world.stranger.publicKey, "--insecure-ignore-tlog"),
    ).not.toBe(0);
    expect(await promoted([image], ...byKey())).toEqual({ present: 1 });
  });

  it.for(REGISTRIES)("keyless, registry %s: the gate and cosign accept it, once", async (kind) => {
    const image = await built(registries[kind].host, `keyless, ${kind}`);
    const keyless = [...keylessArguments(sigstore), "--max-age", "30d", "--renew-before", "72h"];
    expect(await promoted([image], ...keyless)).toEqual({ written: 1 });
    expect(await verdictOf(image, { maxAge: "30d" })).toBe("allowed");
    const who = ["--certificate-identity", subjectOf(PROMOTION), "--certificate-oidc-issuer", GITHUB_ISSUER];
    expect(await verifiedByCosign(image, ...who, "--trusted-root", sigstore.trustedRoot)).toBe(0);
    expect(await promoted([image], ...keyless)).toEqual({ present: 1 });
  });
});
