import { describe, expect, it } from "vitest";

import { aSignature, aSigner, anAttestation, evidenceOf, RELEASE } from "../../test/support/policies.ts";
import { type Digest, digestOf, type Proof } from "../core/index.ts";
import {
  parseRevocations,
  type Revocations,
  revocationsContent,
  revocationsFrom,
  voidedBy,
} from "./revocations.ts";
import { withoutRevoked } from "./without-revoked.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const FROM = "2026-11-24T10:00:00Z";
const UNTIL = "2026-11-24T11:00:00Z";
const KEY = digestOf("a key");
const APP = "https://github.com/acme/app";

const written = {
  id: "R-1",
  issuer: ISSUER,
  identity: RELEASE,
  from: FROM,
  reason: "The release token was read by a stolen scanner.",
  created: "2026-11-24T12:00:00Z",
};

function revocationsOf(...entries: readonly object[]): Revocations {
  const parsed = parseRevocations(JSON.stringify({ revocations: entries }));
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return parsed.value;
}

function signedAt(time: string | undefined, signer: Proof["signer"] = aSigner()): Proof {
  const { trustedTime: _, ...timeless } = aSignature({ signer });
  return time === undefined ? timeless : { ...timeless, trustedTime: new Date(time) };
}

describe("a revoked signer", () => {
  it.each([
    ["the instant before", "2026-11-24T09:59:59.999Z", false],
    ["the first instant", FROM, true],
    ["the last instant", "2026-11-24T10:59:59.999Z", true],
    ["the instant of the end", UNTIL, false],
    ["no trusted time", undefined, true],
  ])("is void within [from, until): %s", (_, time, isVoid) => {
    const revocations = revocationsOf({ ...written, until: UNTIL });
    expect(voidedBy(revocations, signedAt(time)) !== undefined).toBe(isVoid);
  });

  it.each([
    ["first seen in it, stamped after it", UNTIL, FROM, true],
    ["stamped in it, first seen before it", FROM, "2026-11-24T09:00:00Z", true],
    ["stamped after it, a copy without a time", UNTIL, undefined, true],
    ["stamped after it, first seen before it", UNTIL, "2026-11-24T09:00:00Z", false],
  ])("is void by its own time or by that of its first copy: %s", (_, time, since, isVoid) => {
    const copies = since === undefined ? {} : { since: new Date(since) };
    const revocations = revocationsOf({ ...written, until: UNTIL });
    expect(voidedBy(revocations, { ...signedAt(time), copies }) !== undefined).toBe(isVoid);
  });

  it.each([
    ["a signer's has an end", { until: UNTIL }, true],
    ["a key's has an end", { issuer: undefined, identity: undefined, key: KEY, until: UNTIL }, true],
    ["it has none", {}, false],
  ])("tells whether one counts again: %s", (_, differing, hasWindowEnds) => {
    expect(revocationsOf({ ...written, ...differing })).toMatchObject({ hasWindowEnds });
  });

  it.each([
    ["no end", {}, "2030-01-01T00:00:00Z", true],
    ["no start", { from: undefined, until: UNTIL }, "2020-01-01T00:00:00Z", true],
    ["no start, after the end", { from: undefined, until: UNTIL }, UNTIL, false],
  ])("stays void with %s", (_, differing, time, isVoid) => {
    expect(voidedBy(revocationsOf({ ...written, ...differing }), signedAt(time)) !== undefined).toBe(isVoid);
  });

  it.each<[string, object, Proof["signer"], boolean]>([
    ["its identity and issuer", {}, aSigner(), true],
    ["another issuer", {}, aSigner({ issuer: "https://other.test" }), false],
    ["another identity", {}, aSigner({ identity: `${RELEASE}x` }), false],
    ["an identity by pattern", { identity: { pattern: "^https://github\\.com/acme/.*$" } }, aSigner(), true],
    [
      "a source repository alone",
      { identity: undefined, sourceRepository: APP },
      aSigner({ identity: "any", claims: { sourceRepositoryURI: APP } }),
      true,
    ],
    [
      "an identity narrowed to another repository",
      { sourceRepository: APP },
      aSigner({ claims: { sourceRepositoryURI: `${APP}2` } }),
      false,
    ],
    ["its identity, wherever it comes from", {}, aSigner({ claims: { sourceRepositoryURI: APP } }), true],
    ["a certificate that does not say where it comes from", { sourceRepository: APP }, aSigner(), true],
    ["a key with an identity's revocation", {}, { kind: "key", fingerprint: KEY }, false],
  ])("is told by %s", (_, differing, signer, isVoid) => {
    const revocation = voidedBy(revocationsOf({ ...written, ...differing }), signedAt(FROM, signer));
    expect(revocation?.id).toBe(isVoid ? "R-1" : undefined);
  });

  it("is told by a key's fingerprint, in its window", () => {
    const { issuer: _, identity: __, ...rest } = written;
    const revocations = revocationsOf({ ...rest, key: KEY });
    const byKey = (fingerprint: Digest, time: string): string | undefined =>
      voidedBy(revocations, signedAt(time, { kind: "key", fingerprint }))?.id;
    expect(byKey(KEY, FROM)).toBe("R-1");
    expect(byKey(KEY, "2026-11-24T09:00:00Z")).toBeUndefined();
    expect(byKey(digestOf("another"), FROM)).toBeUndefined();
  });

  it("loses signatures and attestations; what others signed stays", () => {
    const other = aSignature({ signer: aSigner({ identity: "https://other.test" }) });
    const evidence = evidenceOf({
      signatures: [aSignature({ trustedTime: new Date(FROM) }), other],
      attestations: [anAttestation({}, { trustedTime: new Date(FROM) })],
    });
    const left = withoutRevoked(evidence, revocationsOf(written));
    expect(left.evidence.signatures).toEqual([other]);
    expect(left.evidence.attestations).toEqual([]);
    expect(left.voided.map(({ revocation }) => revocation.id)).toEqual(["R-1", "R-1"]);
  });
});

describe("the revocation document", () => {
  const digest = digestOf("an image");
  const bare = { id: "R-1", reason: written.reason, created: written.created };

  it("names digests, and images that must not be promoted", () => {
    const text = JSON.stringify({
      revocations: [{ ...bare, digest }],
      nonPromotable: [{ digest, reason: "no provenance" }],
    });
    const parsed = parseRevocations(text);
    expect(
      parsed.ok && [parsed.value.digests.get(digest)?.id, parsed.value.nonPromotable.get(digest)],
    ).toEqual(["R-1", "no provenance"]);
  });

  it.each<[string, readonly object[]]>([
    ["one-target", [bare]],
    ["one-target", [{ ...written, digest, from: undefined }]],
    ["one-target", [{ ...written, key: KEY }]],
    ["no-issuer", [{ ...written, issuer: undefined }]],
    ["no-issuer", [{ ...bare, digest, issuer: ISSUER }]],
    ["no-window", [{ ...bare, digest, from: FROM }]],
    ["no-window", [{ ...bare, digest, until: FROM }]],
    ["ends-before-it-starts", [{ ...written, until: FROM }]],
    ["duplicate-id", [written, written]],
    ["bad-pattern", [{ ...written, identity: { pattern: "github" } }]],
    ["bad-instant", [{ ...written, from: "2026-11-24" }]],
    ["unknown-key", [{ ...written, untill: UNTIL }]],
    ["never-matches", [{ ...written, identity: "https://github.com/acme/*" }]],
    ["never-matches", [{ ...written, identity: APP }]],
    ["never-matches", [{ ...written, issuer: "https://a.test", identity: "^https://a.test/.+$" }]],
    ["never-matches", [{ ...written, issuer: `${ISSUER}/` }]],
    ["never-matches", [{ ...written, sourceRepository: "acme/app" }]],
    ["never-matches", [{ ...bare, key: `sha512:${"a".repeat(128)}` }]],
    ["begins-later", [{ ...written, from: "2999-01-01T00:00:00Z" }]],
    ["begins-later", [{ ...written, from: "2026-11-25T12:00:00.001Z" }]],
  ])("is refused as a whole for %s (%#)", (rule, entries) => {
    const parsed = parseRevocations(JSON.stringify({ revocations: entries }, undefined, 2));
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.rule)).toContain(rule);
    expect(parsed.ok ? 0 : parsed.problems[0]!.line).toBeGreaterThan(1);
  });

  it.each<[string, object]>([
    [
      "an identity of another CI system",
      { ...written, issuer: "https://agent.buildkite.com", identity: "https://buildkite.com/acme/release" },
    ],
    [
      "an e-mail address",
      { ...written, issuer: "https://accounts.google.com", identity: "sam@acme.example" },
    ],
    ["a pattern", { ...written, identity: { pattern: "^https://github\\.com/acme/.*$" } }],
    [
      "an issuer that ends in a slash, as some do",
      { ...written, issuer: "https://acme.eu.auth0.com/", identity: "sam@acme.example" },
    ],
    ["a start on the day that it is written", { ...written, from: "2026-11-25T12:00:00Z" }],
  ])("takes %s", (_, entry) => {
    expect(parseRevocations(JSON.stringify({ revocations: [entry] })).ok).toBe(true);
  });
});

describe("a long list of revocations", () => {
  const digests = ["one", "two", "three"].map((text) => digestOf(text));
  const text = JSON.stringify({
    revocations: digests.map((digest, at) => ({
      id: `R-${at}`,
      digest,
      reason: written.reason,
      created: FROM,
    })),
    nonPromotable: digests.map((digest) => ({ digest, reason: "it has no history" })),
  });
  const content = revocationsContent(text);
  if (!content.ok) throw new Error(content.problems[0]!.message);

  it("is read entry by entry, with a pause after each, and says the same", async () => {
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses += 1;
      return Promise.resolve();
    };
    const read = await revocationsFrom(content.value, pause);
    expect(parseRevocations(text)).toEqual({ ok: true, value: read });
    expect(pauses).toBe(6);
  });

  it("is not read on before the pause is over", async () => {
    const over = new Error("stopped in the first pause");
    const broken = content.value.replace("R-1", "no id");
    await expect(revocationsFrom(broken, () => Promise.reject(over))).rejects.toBe(over);
    await expect(revocationsFrom(broken, () => Promise.resolve())).rejects.toThrow("An id is");
  });
});
