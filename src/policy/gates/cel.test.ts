import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import {
  aPolicy,
  aSigner,
  aStatement,
  codes,
  DIGEST,
  evidenceOf,
  findings,
  findingsAbout,
  hoursAgo,
  RELEASE,
  SECURITY,
  without,
} from "../../../test/support/policies.ts";
import { type Attestation, type Finding, parsePublicKey } from "../../core/index.ts";

const TYPE = "https://acme.test/review/v1";
const security = aSigner({ identity: SECURITY });
const mallory = aSigner({ identity: "https://github.com/mallory/app/x@y" });

function stated(predicate: unknown, differing: Partial<Attestation> = {}): Attestation {
  return aStatement(TYPE, { predicateText: JSON.stringify(predicate), ...differing });
}

function about(
  expression: string,
  attestations: readonly Attestation[],
  composition = "anyOf: [release]",
): Finding[] {
  const asked = `predicateType: ${TYPE}, ${composition}, expression: ${JSON.stringify(expression)}, message: it needs a review`;
  return findingsAbout(`{ cel: [{ ${asked} }] }`, attestations);
}

const yes = stated({ ok: true });
const no = stated({ ok: false });

function check(expression: string): string {
  return `{ predicateType: ${TYPE}, anyOf: [release], expression: ${expression}, message: ${expression} }`;
}

/** By the shared workflow, as it was at a ref. */
function at(ref: string): Partial<Attestation> {
  const identity = `https://github.com/acme/shared/.github/workflows/build.yml@refs/tags/${ref}`;
  return { signer: aSigner({ identity, claims: { sourceRepositoryURI: "https://github.com/acme/app" } }) };
}

describe("the cel gate", () => {
  it("passes where the expression is true", () => {
    expect(about("predicate.ok", [yes])).toEqual([]);
  });

  it.each<[string, readonly Attestation[], string, string]>([
    ["there is none", [], "missing", `it has no ${TYPE} by release`],
    [
      "it is of another type",
      [{ ...yes, predicateType: `${TYPE}.1` }],
      "missing",
      `it has no ${TYPE} by release`,
    ],
    [
      "it is of the type's family",
      [{ ...yes, predicateType: "https://acme.test/review" }],
      "missing",
      `it has no ${TYPE}`,
    ],
    [
      "somebody else signed it",
      [{ ...yes, signer: mallory }],
      "missing",
      `its ${TYPE} is signed by https://github.com/mallory`,
    ],
    ["it is false", [no], "refused", `it needs a review (${TYPE}: it is false)`],
    [
      "it cannot be evaluated",
      [stated({})],
      "refused",
      "it needs a review (https://acme.test/review/v1: it cannot be evaluated: field not found: ok)",
    ],
    ["it is neither", [stated({ ok: "yes" })], "refused", "its result is neither true nor false"],
    [
      "the predicate is too long",
      [aStatement(TYPE)],
      "refused",
      "its predicate is longer than 65,536 characters",
    ],
    ["the predicate is not an object", [stated(null)], "refused", "it cannot be evaluated"],
  ])("refuses where %s", (_, attestations, code, said) => {
    const [finding, ...more] = about("predicate.ok", attestations);
    expect(more).toEqual([]);
    expect(finding?.code).toBe(`cel/${code}`);
    expect(finding?.message).toContain(said);
    expect(finding?.message).toMatch(/^[\x20-\x7e]{20,600}$/);
  });

  it.each([
    `predicateType == "${TYPE}"`,
    `digest == "${DIGEST}" && predicate.ok`,
    `repository == "ghcr.io/acme/app"`,
    `signer == "${RELEASE}"`,
    `issuer == "https://token.actions.githubusercontent.com"`,
  ])("shows the expression what it is about: %s", (expression) => {
    expect(about(expression, [yes])).toEqual([]);
  });

  it("shows the fingerprint of a key, and no issuer", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const parsed = parsePublicKey(publicKey.export({ format: "pem", type: "spki" }).toString());
    if (!parsed.ok) throw new Error(parsed.why);
    const { pem, fingerprint } = parsed.key;
    const policy = aPolicy(`
authorities: { ops: { key: { pem: ${JSON.stringify(pem)}, transparencyLogNotRequiredUnsafe: true } } }
rules:
  - name: app
    images: [ghcr.io/acme/app]
    require: { cel: [{ predicateType: ${TYPE}, anyOf: [ops], message: m, expression: 'issuer == "" && signer == "${fingerprint}"' }] }
`);
    const attestation = aStatement(TYPE, { ...yes, signer: { kind: "key", fingerprint } });
    expect(findings(policy, evidenceOf({ attestations: [attestation] }))).toEqual([]);
  });

  it.each<[string, readonly Attestation[], boolean]>([
    ["a newer true one", [no, stated({ ok: true }, { trustedTime: hoursAgo(0) })], true],
    ["an older true one", [no, stated({ ok: true }, { trustedTime: hoursAgo(2) })], false],
    ["a true one of the same instant", [no, yes], false],
    ["a true one that nothing dates", [no, without(yes, "trustedTime")], false],
    ["a true one, where nothing dates the false one", [without(no, "trustedTime"), yes], false],
    ["a true one by another signer", [no, { ...yes, signer: security }], true],
    ["a newer one that is too long", [yes, aStatement(TYPE, { trustedTime: hoursAgo(0) })], false],
    ["a true one by somebody else", [no, { ...yes, signer: mallory }], false],
  ])("beside %s: passes: %s", (_, attestations, passes) => {
    for (const order of [attestations, attestations.toReversed()]) {
      const found = about("predicate.ok", order, "anyOf: [release, security]");
      expect(codes(found)).toEqual(passes ? [] : ["cel/refused"]);
    }
  });

  it.each<[string, readonly Attestation[], boolean]>([
    [
      "true at one ref, and newer and false at another",
      [stated({ ok: true }, { ...at("v1"), trustedTime: hoursAgo(2) }), stated({ ok: false }, at("v2"))],
      false,
    ],
    [
      "false at one ref, and newer and true at another",
      [stated({ ok: false }, { ...at("v1"), trustedTime: hoursAgo(2) }), stated({ ok: true }, at("v2"))],
      true,
    ],
    [
      "true at one ref, and false at another in the same instant",
      [stated({ ok: true }, at("v1")), stated({ ok: false }, at("v2"))],
      false,
    ],
    ["true at both", [stated({ ok: true }, at("v1")), stated({ ok: true }, at("v2"))], true],
  ])("of one workflow, %s: passes: %s", (_, attestations, passes) => {
    for (const order of [attestations, attestations.toReversed()])
      expect(codes(about("predicate.ok", order, "anyOf: [shared]"))).toEqual(passes ? [] : ["cel/refused"]);
  });

  it.each<[string, readonly Attestation[], readonly string[]]>([
    ["allOf: [release, security]", [yes, { ...yes, signer: security }], []],
    ["allOf: [release, security]", [yes, yes], ["cel/missing"]],
    ["allOf: [release, security]", [yes, { ...no, signer: security }], ["cel/refused"]],
    ["threshold: { count: 1, of: [release, security] }", [{ ...yes, signer: security }], []],
    ["threshold: { count: 2, of: [release, security, shared] }", [yes], ["cel/missing"]],
  ])("counts distinct signers: %s (%#)", (composition, attestations, expected) => {
    expect(codes(about("predicate.ok", attestations, composition))).toEqual(expected);
  });

  it("holds an image to every check of the list", () => {
    const both = `{ cel: [${check("predicate.ok")}, ${check("predicate.signed")}] }`;
    expect(findingsAbout(both, [yes]).map(({ message }) => message.split(" ")[0])).toEqual([
      "predicate.signed",
    ]);
    expect(findingsAbout(both, [stated({ ok: true, signed: true })])).toEqual([]);
  });

  it.each([
    ["no expression", "expression: ''"],
    ["what is always true", "expression: 'true'"],
    ["what cannot be read", "expression: 'predicate.'"],
    ["no such variable", "expression: 'image.ok'"],
  ])("does not parse with %s", (_, expression) => {
    expect(() =>
      aPolicy(`
authorities: { a: { key: { secret: { name: s, key: k }, transparencyLogNotRequiredUnsafe: true } } }
rules:
  - name: app
    images: [ghcr.io/acme/app]
    require: { cel: [{ predicateType: t, anyOf: [a], message: m, ${expression} }] }
`),
    ).toThrow(/^line 6: /);
  });
});
