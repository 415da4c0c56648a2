import {
  type Attestation,
  type Digest,
  digestOf,
  type Evidence,
  type Finding,
  type ImageRef,
  type Objection,
  parseImageRef,
  type Provenance,
  type PublicKey,
  type Rejection,
  type Signature,
  type Signer,
  type Verified,
} from "../../src/core/index.ts";
import { judge, parsePolicy, plan, type Policy } from "../../src/policy/index.ts";

/** The release workflow's identity and issuer in these policies. */
export const RELEASE = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const GITHUB = "https://token.actions.githubusercontent.com";
/** The digest that all evidence here is about. */
export const DIGEST: Digest = digestOf("an image");
export const NOW = new Date("2026-11-24T12:00:00Z");

/** A parsed reference of text that is one. */
export function anImage(text = `ghcr.io/acme/app@${DIGEST}`): ImageRef {
  const parsed = parseImageRef(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.why}`);
  return parsed.ref;
}

/** A compiled policy; throws with every problem where the text is none. */
export function aPolicy(text: string): Policy {
  const parsed = parsePolicy(text);
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n"));
}

/** The identity of the authority `security` in these policies. */
export const SECURITY = "https://github.com/acme/security/.github/workflows/scan.yml@refs/heads/main";

/**
 * A policy whose one rule asks `require` of ghcr.io/acme/app; authorities `release`, `security`, and `shared` for a
 * reusable workflow.
 */
export function policyAsking(require: string): Policy {
  return aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities:
  release: { keyless: { trustRoot: main, issuer: "${GITHUB}", identity: "${RELEASE}" } }
  security: { keyless: { trustRoot: main, issuer: "${GITHUB}", identity: "${SECURITY}" } }
  shared:
    keyless:
      trustRoot: main
      issuer: "${GITHUB}"
      identity: { pattern: "^https://github\\\\.com/acme/shared/\\\\.github/workflows/[a-z]+\\\\.yml@refs/tags/v[0-9.]+$" }
      claims: { sourceRepositoryURI: https://github.com/acme/app }
rules:
  - name: app
    images: [ghcr.io/acme/app]
    require: ${require}
`);
}

/** A keyless signer: the release workflow of acme/app, unless told otherwise. */
export function aSigner(
  differing: Partial<Extract<Signer, { kind: "keyless" }>> = {},
): Extract<Signer, { kind: "keyless" }> {
  return { kind: "keyless", identity: RELEASE, issuer: GITHUB, claims: {}, trustRoot: "main", ...differing };
}

/** A verified signature, an hour old. */
export function aSignature(differing: Partial<Signature> = {}): Verified<Signature> {
  const proof = {
    form: "bundle",
    logged: true,
    attachment: digestOf("an attachment"),
    statement: digestOf("s"),
  } as const;
  const trustedTime = new Date(NOW.getTime() - 3_600_000);
  return { signer: aSigner(), ...proof, trustedTime, timeSource: "log", ...differing } as Verified<Signature>;
}

/** Verified provenance, an hour old. */
export function anAttestation(
  said: Partial<Provenance> = {},
  differing: Partial<Attestation> = {},
): Verified<Attestation> {
  const builderId = "https://github.com/actions/runner/github-hosted";
  const provenance = { builderId, sources: [], ...said };
  const predicateType = "https://slsa.dev/provenance/v1";
  return { ...aSignature(), predicateType, provenance, ...differing };
}

/** A verified attestation without any extract but the given one, an hour old. */
export function aStatement(
  predicateType: string,
  differing: Partial<Attestation> = {},
): Verified<Attestation> {
  return { ...aSignature(), predicateType, ...differing };
}

/** The instant some hours before NOW. */
export function hoursAgo(hours: number): Date {
  return new Date(NOW.getTime() - hours * 3_600_000);
}

/** A value without one of its keys: what nothing dates, for instance. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}

/** An attachment that is no evidence. */
export function aRejection(differing: Partial<Rejection> = {}): Rejection {
  const attachment = digestOf("a rejected attachment");
  return {
    form: "bundle",
    attachment,
    claims: "signature",
    reason: "invalid",
    message: "the log entry is not signed",
    ...differing,
  };
}

/** Evidence about DIGEST. */
export function evidenceOf(
  found: Partial<
    Pick<Evidence, "signatures" | "attestations" | "rejections" | "gaps" | "searched" | "manifests">
  > = {},
): Evidence {
  return {
    subject: DIGEST,
    trustGeneration: "1",
    collectedAt: NOW,
    signatures: [],
    attestations: [],
    rejections: [],
    gaps: [],
    searched: ["referrers API", "fallback tag", ".sig tag", ".att tag"],
    ...found,
  };
}

/** Everything that a policy finds wanting about an image, over plan and judge. Throws where a gate is undecided. */
export function findings(...asked: Parameters<typeof objections>): Finding[] {
  return objections(...asked).map((each) => {
    if (each.kind === "fault") throw new Error(`${each.code}: ${each.message}`);
    return each;
  });
}

/** Everything that keeps a policy from admitting an image: findings, and faults where evidence has gaps. */
export function objections(
  policy: Policy,
  evidence: Evidence,
  { image = anImage(), namespace = "shop", now = NOW, keys = policy.keys }: Partial<Asked> = {},
): Objection[] {
  const asked = plan(policy, { image, namespace }, { copiesCount: false });
  const subject = { image: "as written", place: 'container "web"' };
  if (asked.kind === "unmatched") return [];
  const { rules } = asked;
  return judge({ policy, copiesCount: false, rules, subject, image, namespace, evidence, keys, now });
}

/** What a rule finds wanting about attestations and nothing else. */
export function findingsAbout(require: string, attestations: readonly Attestation[]): Finding[] {
  const found = evidenceOf({ attestations: attestations as readonly Verified<Attestation>[] });
  return findings(policyAsking(require), found);
}

interface Asked {
  readonly image: ImageRef;
  readonly namespace: string;
  readonly now: Date;
  readonly keys: readonly PublicKey[];
}

/** The codes of findings and faults. */
export function codes(found: readonly Objection[]): string[] {
  return found.map(({ code }) => code);
}
