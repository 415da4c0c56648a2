import type { Digest } from "../../src/core/index.ts";
import { type OciRegistry, type OciRegistryOptions, startOciRegistry } from "./oci-registry.ts";
import { trivyReport } from "./predicates.ts";
import { type RunningGate, startGate } from "./running-gate.ts";
import { attestation, cosignSign, type FormedLayer, publicKeyOf } from "./signed-layers.ts";
import { createSigstore, type Identity, keyPair } from "./sigstore.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const DSSE = "application/vnd.dsse.envelope.v1+json";
const SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGN = "https://sigstore.dev/cosign/sign/v1";
const REPO = "acme/app";
/** The gate judges as of an hour from now, so that attestations of the next hour lie behind it. */
const LATER_MS = 3_600_000;
const PATIENCE_MS = 120_000;

/** Predicate type of a scan. */
export const SCAN = "https://cosign.sigstore.dev/attestation/vuln/v1";
/** Predicate type of a verification summary. */
export const SUMMARY = "https://slsa.dev/verification_summary/v1";

/** Each rule asks one thing of an image, in a namespace of its name. */
const RULES = {
  signature: { signature: { anyOf: ["ours"] } },
  scan: { vulnerability: { anyOf: ["ours"] } },
  summary: { promotable: { anyOf: ["ours"], verifiers: ["https://acme.test/verifier"] } },
};

const sigstore = await createSigstore();
const ours = keyPair();

/** A registry, a gate and whoever signs, for one test. */
export class AttestedWorld {
  readonly registry: OciRegistry;
  readonly #gate: RunningGate;

  /** Made by `attestedWorld`. */
  constructor(registry: OciRegistry, gate: RunningGate) {
    this.registry = registry;
    this.#gate = gate;
  }

  /** A new image. */
  image(): Digest {
    return this.registry.pushImage(REPO);
  }

  /** What the rule finds against an image: codes, and the text of all of it. */
  async judged(rule: keyof typeof RULES, digest: Digest) {
    const { objections, decision } = await this.#gate.gate.admit({
      namespace: rule,
      mode: () => "enforce",
      subjects: [{ image: `${this.registry.host}/${REPO}@${digest}`, place: "test" }],
      access: {},
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = objections.map(({ message }) => message).join("\n");
    return { decision, codes: objections.map(({ code }) => code), text };
  }

  /** As cosign 3 attaches it: hint and time are annotations of the manifest. */
  attach(digest: Digest, bytes: Uint8Array | string, hint?: string, seconds?: number): Digest {
    return this.registry.attachReferrer(REPO, digest, {
      mediaType: BUNDLE,
      bytes,
      manifestAnnotations: {
        ...(hint !== undefined && { "dev.sigstore.bundle.predicateType": hint }),
        ...(seconds !== undefined && { "org.opencontainers.image.created": secondsFromNow(seconds) }),
      },
    });
  }

  /** Attaches a signature as cosign 3 does. */
  async sign(digest: Digest): Promise<void> {
    this.attach(digest, await signatureOf(digest), SIGN, 0);
  }

  /** Attaches a scan of so many seconds from now, padded to a size. */
  async attachScan(digest: Digest, seconds: number, found: "bad" | "clean", bytes = 0): Promise<void> {
    this.attach(digest, await scan(digest, seconds, found, bytes), SCAN, seconds);
  }

  /** Attaches clean scans, the first of which is stamped; nothing vouches for the time of the others, which costs less. */
  async attachScans(digest: Digest, count: number): Promise<void> {
    await this.attachScan(digest, 0, "clean");
    for (let at = 1; at < count; at += 1) {
      const scanner = { uri: "pkg:github/aquasecurity/trivy", result: trivyReport([]), at };
      const how = { rekor: "none", timestamps: 0 } as const;
      const { bytes } = await attestation(SCAN, { scanner }).bundle(sigstore, ours, digest, how);
      this.attach(digest, bytes, SCAN, at);
    }
  }

  /** Writes cosign's `.att` tag: clean scans, and one with a critical as the last. */
  async attachLayers(digest: Digest, count: number): Promise<void> {
    const layers: FormedLayer[] = [];
    for (let at = 0; at <= count; at += 1) {
      const result = trivyReport(at === count ? [{ id: "CVE-2026-1111" }] : []);
      const predicate = { scanner: { uri: "pkg:github/aquasecurity/trivy", result }, at };
      layers.push(await attestation(SCAN, predicate).legacy(sigstore, ours, digest));
    }
    this.registry.attachTag(
      REPO,
      digest,
      ".att",
      layers.map((layer) => ({ ...layer, mediaType: DSSE })),
    );
  }

  /** Writes cosign's `.sig` tag: signatures by another key, and the wanted one as the last. */
  async signLayers(digest: Digest, count: number): Promise<void> {
    const former = keyPair();
    const layers: FormedLayer[] = [];
    const by = (who: Identity): Promise<FormedLayer> => cosignSign.legacy(sigstore, who, digest);
    for (let at = 0; at < count; at += 1) layers.push(await by(former));
    layers.push(await by(ours));
    this.registry.attachTag(
      REPO,
      digest,
      ".sig",
      layers.map((layer) => ({ ...layer, mediaType: SIGNING })),
    );
  }

  /** Attaches a verification summary. */
  async attachSummary(
    digest: Digest,
    result: "PASSED" | "FAILED",
    seconds: number,
    hint?: string,
  ): Promise<void> {
    const predicate = {
      verifier: { id: "https://acme.test/verifier" },
      timeVerified: secondsFromNow(seconds),
      resourceUri: `${this.registry.host}/${REPO}`,
      policy: { uri: "p" },
      verificationResult: result,
      verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
    };
    const how = { rekor: "none", secondsFromNow: seconds } as const;
    const { bytes } = await attestation(SUMMARY, predicate).bundle(sigstore, ours, digest, how);
    this.attach(digest, bytes, hint, hint === undefined ? undefined : seconds);
  }

  /** Attaches bundles of 32 bytes that are none, without a hint. */
  attachJunk(digest: Digest, count: number, name: string): void {
    for (let at = 0; at < count; at += 1) this.attach(digest, `${name} ${at}`.padEnd(32));
  }

  async close(): Promise<void> {
    await this.#gate.stop();
    await this.registry.close();
  }
}

/** Starts a registry, and a gate whose rules trust one key, by its timestamps. */
export async function attestedWorld(options: OciRegistryOptions = {}): Promise<AttestedWorld> {
  const registry = await startOciRegistry(options);
  const policy = policyFor(registry);
  return new AttestedWorld(registry, await startGate({ registries: [registry], policy, now: later }));
}

/** The policy that a world's gate has. */
export function policyFor(registry: OciRegistry): string {
  const rules = Object.entries(RULES).map(([name, require]) => {
    return { name, images: [`${registry.host}/${REPO}`], namespaces: [name], require };
  });
  return JSON.stringify({
    trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
    authorities: { ours: { key: { pem: publicKeyOf(ours).pem, transparencyLogNotRequiredUnsafe: true } } },
    rules,
  });
}

/** The bytes of a bundle with a signature. */
export async function signatureOf(digest: Digest): Promise<Buffer> {
  return (await cosignSign.bundle(sigstore, ours, digest, { rekor: "none" })).bytes;
}

/** The bytes of a bundle with a scan of so many seconds from now. */
export async function scan(
  digest: Digest,
  seconds: number,
  found: "bad" | "clean",
  padding = 0,
): Promise<Buffer> {
  const result = trivyReport(found === "bad" ? [{ id: "CVE-2026-1111" }] : []);
  const scanner = {
    uri: "pkg:github/aquasecurity/trivy@0.67.0",
    result,
    padding: "\u20ac" + "x".repeat(padding),
  };
  const metadata = { scanFinishedOn: secondsFromNow(seconds) };
  const how = { rekor: "none", secondsFromNow: seconds } as const;
  return (await attestation(SCAN, { scanner, metadata }).bundle(sigstore, ours, digest, how)).bytes;
}

function later(): Date {
  return new Date(Date.now() + LATER_MS);
}

function secondsFromNow(seconds: number): string {
  return `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
}
