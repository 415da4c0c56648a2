import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { openSigner } from "../../../src/cli/open-signer.ts";
import { openJudge } from "../../../src/cli/promotion/open-judge.ts";
import { openSummaries } from "../../../src/cli/promotion/open-summaries.ts";
import { digestOf, parseDigest } from "../../../src/core/index.ts";
import { type JournalLine, promote } from "../../../src/promotion/index.ts";
import { attachTampered, copyAttachments, imageAt, type Place } from "../support/attachments.ts";
import { attestImage, cosign, slsaProvenance } from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf } from "../support/identities.ts";
import { pushImage, pushText, textImage } from "../support/images.ts";
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
  const JUDGING = [...BY, "--namespace", "default", "--revocations-not-checked-unsafe"];

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
    await world.mc(["backfill", "run", ...JUDGING, "--images", `${name}.txt`, "--journal", `${name}.jsonl`]);
    return `${name}.jsonl`;
  }

  function promotion(journal: string, more: readonly string[]): string[] {
    const said = ["--verifier", VERIFIER, "--policy-uri", POLICY_URI, "-o", "json", "--yes"];
    return ["promote", ...JUDGING, "--journal", journal, ...said, ...more];
  }

  /** Judges these images, and promotes what is promotable; gives the outcomes. */
  async function promoted(images: readonly string[], ...more: readonly string[]) {
    const journal = await judged(images);
    return outcomesOf(await world.mc(promotion(journal, more)));
  }

  const byKey = (): string[] => ["--key", world.promoter.privateKey];

  /** What the gate says of an image in prod, where a summary is asked for: `allowed`, or the codes. */
  async function verdictOf(image: string, promotable: object = {}, ...more: readonly string[]) {
    const accepted = { policies: [{ uri: POLICY_URI, digests: [digestOf(policy)] }] };
    world.write("gate.yaml", promotionPolicy(world, sigstore, { ...accepted, ...promotable }));
    const by = ["--policy", "gate.yaml", "--registries", "registries.yaml", "--namespace", "prod"];
    const { code, stdout, stderr } = await world.mc(["verify", ...by, ...more, image]);
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

  it("keyless, a certificate for another identity than was named is never attached", async () => {
    const image = await built(registries["with referrers"].host, "another identity");
    const other = keylessArguments(sigstore).with(1, "https://github.com/acme/other");
    await expect(promoted([image], ...other)).rejects.toThrow(/certificate is for/);
    expect(await verdictOf(image)).toBe("promotable/unknown");
  });

  it.for(REGISTRIES)(
    "wrong ones, registry %s: each is refused by its own code",
    { timeout: 400_000 },
    async (kind) => {
      const { host } = registries[kind];
      const image = await built(host, `wrong ones, ${kind}`);
      expect(await promoted([image], ...keylessArguments(sigstore))).toEqual({ written: 1 });
      expect(await verdictOf(image)).toBe("allowed");
      const elsewhere = [{ uri: POLICY_URI, digests: [digestOf("a weaker policy")] }];
      expect(await verdictOf(image, { policies: elsewhere })).toBe("promotable/wrong-policy");
      expect(await verdictOf(image, { policies: "inForce" })).toBe("allowed"); // the very same document
      expect(await verdictOf(image, { policies: "inForce", maxAge: "30d" })).toBe("promotable/wrong-policy");
      expect(await verdictOf(image, { levels: ["SLSA_BUILD_LEVEL_2"] })).toBe("promotable/level");
      await pause(1_500);
      expect(await verdictOf(image, { maxAge: "1s" })).toBe("promotable/too-old");

      const { digest } = imageAt(image);
      await pushImage(host, "acme/copy", textImage(`wrong ones, ${kind}`));
      const copy = `${host}/acme/copy@${digest}`;
      const place: Place = kind === "with referrers" ? "referrers" : "fallback";
      await attachTampered(imageAt(image), imageAt(copy), place, (layer) => layer);
      expect(await verdictOf(copy)).toBe("promotable/wrong-resource");

      const builders = await built(host, `the builder's own, ${kind}`);
      expect(await promoted([builders], "--key", world.builder.privateKey)).toEqual({ written: 1 });
      expect(await verdictOf(builders)).toBe("promotable/untrusted-signer");
      const strange = await built(host, `of a key that no policy names, ${kind}`);
      expect(await promoted([strange], "--key", world.stranger.privateKey)).toEqual({ written: 1 });
      expect(await verdictOf(strange)).toBe("promotable/unknown");
    },
  );

  it("about another image, attached to this one, does not promote it", async () => {
    const { host } = registries["without referrers"];
    const image = await built(host, "donor");
    await promoted([image], ...byKey());
    const bare = await pushText(host, "taker");
    await copyAttachments(imageAt(image), imageAt(bare), "fallback");
    expect(await verdictOf(bare)).toBe("promotable/unknown");
  });

  /** Promotes an image whose history GitHub's records would link. */
  async function promoteLinked(image: string): Promise<void> {
    const { repository, digest } = imageAt(image);
    const line: JournalLine = {
      kind: "judged",
      repository,
      digest: parseDigest(digest)!,
      tags: [],
      children: [],
      clock: "none",
      sources: ["images"],
      state: "legacy-linked",
      reasons: [],
      at: new Date().toISOString(),
    };
    const settings = {
      policy: join(world.folder, "policy.yaml"),
      registries: join(world.folder, "registries.yaml"),
      namespace: "default",
      revocationsNotCheckedUnsafe: true,
      github: [],
      githubApi: "https://api.github.com",
      githubRegistry: "ghcr.io",
      timeout: 60,
    };
    const judge = openJudge(settings);
    const signer = openSigner({ key: world.promoter.privateKey }, { COSIGN_PASSWORD: "" });
    const summaries = openSummaries(signer, judge, settings);
    const sums = await promote({
      lines: (async function* () {
        yield line;
      })(),
      ...judge.judging,
      legacy: async () => ({ run: "https://github.com/acme/app/actions/runs/1", commit: "a".repeat(40) }),
      summaries,
      verification: {
        verifier: VERIFIER,
        policy: { uri: POLICY_URI, digest: judge.policy.revision, namespace: judge.namespace },
        levels: new Map(),
        renewBeforeMs: 0,
      },
      isWriting: true,
      isTagging: false,
      record: { append: () => undefined },
      done: new Map(),
      perHost: 1,
      now: () => new Date(),
      signal: new AbortController().signal,
      onContradicted: () => undefined,
      onProgress: () => undefined,
    });
    await Promise.all([summaries.close(), judge.close()]);
    expect(sums.outcomes.written).toBe(1);
  }

  it("a legacy-linked image is refused by a plain rule, and admitted by an emergency waiver of both seats", async () => {
    const image = await pushText(registries["without referrers"].host, "legacy-linked");
    await promoteLinked(image);
    expect(await verdictOf(image)).toBe("promotable/level");
    expect(await verdictOf(image, { levels: ["MC_LEGACY_LINKED"] })).toBe("allowed");
    const at = new Date(Date.now() - 60_000).toISOString();
    const [first, second] = [
      { by: "mia", seat: "release-manager", at },
      { by: "sam", seat: "devsecops", at },
    ];
    const waiver = {
      id: "WA-1",
      class: "promotable",
      digest: imageAt(image).digest,
      reason: "Its history is linked by GitHub's records, and it is rebuilt this week.",
      owners: ["team-shop"],
      requestedBy: "ana",
      created: at,
      ttl: "1d",
    };
    const waived = async (approvals: readonly object[]) => {
      world.write("waivers.yaml", JSON.stringify({ waivers: [{ ...waiver, approvals }] }));
      return await verdictOf(image, {}, "--waivers", "waivers.yaml");
    };
    expect(await waived([first])).toContain("promotable/level");
    expect(await waived([first, second])).toBe("allowed");
  });

  it.for(REGISTRIES)(
    "four writers at once, registry %s: no attestation is lost",
    { timeout: 400_000 },
    async (kind) => {
      const { host } = registries[kind];
      const images = await Promise.all(["a", "b", "c"].map((each) => built(host, `four ${kind} ${each}`)));
      const verifiers = [1, 2, 3, 4].map((each) => `${VERIFIER}/${each}`);
      const journal = await judged(images);
      const results = await Promise.all(
        verifiers.map(async (verifier) =>
          outcomesOf(await world.process(promotion(journal, [...byKey(), "--verifier", verifier]))),
        ),
      );
      expect(results).toEqual(verifiers.map(() => ({ written: 3 })));
      for (const image of images) {
        for (const verifier of verifiers)
          expect(await verdictOf(image, { verifiers: [verifier] })).toBe("allowed");
      }
    },
  );
});
