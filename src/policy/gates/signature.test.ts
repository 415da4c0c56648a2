import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import {
  aPolicy,
  aRejection,
  aSignature,
  aSigner,
  anAttestation,
  codes,
  evidenceOf,
  findings,
  policyAsking,
  RELEASE,
  SECURITY,
} from "../../../test/support/policies.ts";
import { type Digest, parsePublicKey, type Signer } from "../../core/index.ts";
import type { Policy } from "../policy.ts";

const policy = policyAsking("{ signature: { anyOf: [release, shared] } }");
const SHARED = "https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1.2";
const APP = { sourceRepositoryURI: "https://github.com/acme/app" };

function nearMissOf(signer: Signer): string | undefined {
  return findings(policy, evidenceOf({ attestations: [anAttestation({}, { signer })] }))[0]?.message;
}

function adviceOn(...reasons: ("untrusted" | "invalid")[]): string | undefined {
  const rejections = reasons.map((reason) => aRejection({ reason }));
  return findings(policy, evidenceOf({ rejections }))[0]?.advice?.brief;
}

describe("the signature gate", () => {
  it.each([
    ["the exact identity", aSigner()],
    ["an identity by pattern, with its claim", aSigner({ identity: SHARED, claims: APP })],
  ])("passes %s", (_, signer) => {
    expect(findings(policy, evidenceOf({ signatures: [aSignature({ signer })] }))).toEqual([]);
  });

  it.each([
    [
      "another identity",
      aSigner({ identity: `${RELEASE}x` }),
      `signed by ${RELEASE}x, but must be by release`,
    ],
    ["an identity that holds it", aSigner({ identity: `x${RELEASE}` }), "but must be by"],
    ["another case", aSigner({ identity: RELEASE.toUpperCase() }), "but must be by"],
    ["another issuer", aSigner({ issuer: "https://evil.test" }), "with issuer https://evil.test"],
    [
      "another trust root",
      aSigner({ trustRoot: "other" }),
      "the identity of release with trust root other, but must have main",
    ],
    [
      "another source repository",
      aSigner({ identity: SHARED, claims: { sourceRepositoryURI: "https://github.com/mallory/app" } }),
      "with sourceRepositoryURI https://github.com/mallory/app, but must have https://github.com/acme/app",
    ],
    [
      "no source repository",
      aSigner({ identity: SHARED }),
      "with sourceRepositoryURI unknown, but must have",
    ],
    [
      "a key",
      { kind: "key", fingerprint: `sha256:${"0".repeat(64)}` as Digest } as const,
      "key sha256:000000000000",
    ],
  ])("refuses %s, and says what was found and wanted", (_, signer, said) => {
    const [finding, ...more] = findings(policy, evidenceOf({ signatures: [aSignature({ signer })] }));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: "signature/untrusted-identity", rule: "app" });
    expect(finding?.message).toContain(said);
    expect(finding?.message).toMatch(/^[\x20-\x7e]{20,600}$/);
  });

  it("passes one good signature among many others", () => {
    const signatures = [aSigner({ identity: "a" }), aSigner(), aSigner({ identity: "b" })].map((signer) =>
      aSignature({ signer }),
    );
    expect(findings(policy, evidenceOf({ signatures, rejections: [aRejection()] }))).toEqual([]);
  });

  it.each<[string, readonly string[], string | undefined]>([
    ["allOf: [release, security]", [RELEASE, SECURITY], undefined],
    [
      "allOf: [release, security]",
      [RELEASE, RELEASE],
      "signed by only 1 of the 2 distinct signers of release or",
    ],
    ["threshold: { count: 2, of: [release, security, shared] }", [SECURITY], "signed by only 1 of the 2"],
    ["threshold: { count: 1, of: [release, security] }", [SECURITY], undefined],
    ["allOf: [release, security]", [], "it has no signature by 2 distinct signers of release or"],
  ])("counts distinct signers: %s by %j", (composition, identities, said) => {
    const signatures = identities.map((identity) => aSignature({ signer: aSigner({ identity }) }));
    const found = findings(policyAsking(`{ signature: { ${composition} } }`), evidenceOf({ signatures }));
    expect(found).toHaveLength(said === undefined ? 0 : 1);
    expect(found[0]?.message ?? "").toContain(said ?? "");
  });

  it("tells of the nearest miss", () => {
    const far = aSignature({ signer: aSigner({ identity: "https://far.test" }) });
    const near = aSignature({ signer: aSigner({ identity: SHARED, claims: {} }) });
    const [finding] = findings(policy, evidenceOf({ signatures: [far, near] }));
    expect(finding?.message).toContain("the identity of shared with sourceRepositoryURI unknown");
  });

  it("names whom it wanted where there is nothing, and says whom each name stands for", () => {
    const [finding] = findings(policy, evidenceOf());
    expect(finding?.code).toBe("signature/missing");
    expect(finding?.message).toBe("it has no signature by release or shared");
    expect(finding).toMatchObject({ signers: { release: RELEASE } });
  });

  it("tells of an attestation by the signer that it wants, and of none by another one", () => {
    expect(nearMissOf(aSigner())).toContain(
      "there is an attestation by that signer, which is not a signature",
    );
    expect(nearMissOf(aSigner({ identity: "https://far.test" }))).toBe(
      "it has no signature by release or shared",
    );
  });

  it("advises another key, not the same one again, where every signature is by a strange key", () => {
    expect(adviceOn("untrusted", "untrusted")).toBe("Sign with a trusted key or identity.");
    expect(adviceOn("untrusted", "invalid")).toBeUndefined();
  });

  it.each([
    [
      aRejection(),
      "signature/invalid",
      "its signature does not verify (invalid: the log entry is not signed)",
    ],
    [aRejection({ reason: "untrusted" }), "signature/invalid", "untrusted"],
    [aRejection({ reason: "unsupported" }), "signature/missing", "skipped 1 attachment (unsupported"],
    [aRejection({ claims: "attestation" }), "signature/missing", "skipped 1 attachment"],
    [aRejection({ claims: "unknown", reason: "malformed" }), "signature/missing", "malformed"],
  ])("tells a broken signature from none at all (%#)", (rejection, code, said) => {
    const [finding] = findings(policy, evidenceOf({ rejections: [rejection] }));
    expect(finding?.code).toBe(code);
    expect(finding?.message).toContain(said);
  });

  it("stays one printable clause, whatever the signer is called", () => {
    const identity = `https://evil.test/\n\u001b[31m${"ä".repeat(5000)}`;
    const [finding] = findings(
      policy,
      evidenceOf({ signatures: [aSignature({ signer: aSigner({ identity }) })] }),
    );
    expect(finding?.message).toMatch(/^[\x20-\x7e]{20,600}$/);
    expect(finding?.message).toContain("release");
  });
});

function withKey(settings: string): Policy {
  return aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities: { ops: { key: { ${settings} } } }
rules: [{ name: app, images: [ghcr.io/acme/app], require: { signature: { anyOf: [ops] } } }]
`);
}

describe("a key as authority", () => {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
    .publicKey.export({ format: "pem", type: "spki" })
    .toString();
  const parsed = parsePublicKey(pem);
  if (!parsed.ok) throw new Error(parsed.why);
  const { key } = parsed;
  const signer = { kind: "key", fingerprint: key.fingerprint } as const;
  const inline = `pem: ${JSON.stringify(pem)}`;

  it("counts only with a log entry, unless it says otherwise", () => {
    const logged = evidenceOf({ signatures: [aSignature({ signer, logged: true })] });
    const bare = evidenceOf({ signatures: [aSignature({ signer, logged: false })] });
    expect(findings(withKey(inline), logged)).toEqual([]);
    expect(findings(withKey(inline), bare)[0]?.message).toContain("in no transparency log");
    expect(findings(withKey(`${inline}, transparencyLogNotRequiredUnsafe: true`), bare)).toEqual([]);
  });

  it("is no other key that is trusted for something else", () => {
    const other = { ...key, id: "other", fingerprint: `sha256:${"0".repeat(64)}` as Digest };
    const foreign = { kind: "key", fingerprint: other.fingerprint } as const;
    const evidence = evidenceOf({ signatures: [aSignature({ signer: foreign, logged: true })] });
    const [finding] = findings(withKey(inline), evidence, { keys: [key, other] });
    expect(finding?.code).toBe("signature/untrusted-identity");
    expect(finding?.message).toContain("but must be by ops");
    expect(finding).toMatchObject({ signers: { ops: `key ${key.fingerprint.slice(0, 19)}` } });
  });

  it("of a Secret counts once it is read, under its own id", () => {
    const policyWithSecret = withKey("secret: { name: cosign, key: cosign.pub }");
    const evidence = evidenceOf({ signatures: [aSignature({ signer })] });
    expect(policyWithSecret.secretKeys).toEqual([
      { id: "secret/cosign/cosign.pub", name: "cosign", key: "cosign.pub" },
    ]);
    const keys = [{ ...key, id: "secret/cosign/cosign.pub" }];
    expect(codes(findings(policyWithSecret, evidence, { keys: [] }))).toEqual([
      "signature/untrusted-identity",
    ]);
    expect(codes(findings(policyWithSecret, evidence, { keys: [key] }))).toEqual([
      "signature/untrusted-identity",
    ]);
    expect(findings(policyWithSecret, evidence, { keys })).toEqual([]);
  });
});

describe("dockerReference", () => {
  const matching = policyAsking("{ signature: { anyOf: [release], dockerReference: match } }");
  const ignoring = policyAsking("{ signature: { anyOf: [release] } }");

  it.each([
    ["ghcr.io/acme/app", 0],
    ["ghcr.io/acme/app:1.0", 0],
    [undefined, 0],
    ["ghcr.io/acme/other", 1],
    ["mirror.test/ghcr.io/acme/app", 1],
    ["not a reference", 1],
    ["", 1],
  ])("with match, %j leads to %i findings; without, to none", (dockerReference, count) => {
    const evidence = evidenceOf({
      signatures: [aSignature(dockerReference === undefined ? {} : { dockerReference })],
    });
    expect(findings(matching, evidence)).toHaveLength(count);
    expect(findings(ignoring, evidence)).toEqual([]);
  });

  it("reads Docker Hub's names as cosign spells them", () => {
    const hub = aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities: { a: { keyless: { trustRoot: main, issuer: i, identity: s } } }
rules: [{ name: r, images: ["docker.io/**"], require: { signature: { anyOf: [a], dockerReference: match } } }]
`);
    const signer = aSigner({ issuer: "i", identity: "s" });
    const evidence = evidenceOf({
      signatures: [aSignature({ signer, dockerReference: "index.docker.io/library/nginx" })],
    });
    const image = { registry: "docker.io", repository: "library/nginx" };
    expect(findings(hub, evidence, { image })).toEqual([]);
  });
});
