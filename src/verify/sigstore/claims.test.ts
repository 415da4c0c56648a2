import type { Signer } from "@sigstore/verify";
import { describe, expect, it } from "vitest";

import { Rejected } from "../rejected.ts";
import { keylessSigner } from "./claims.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const SAN = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
const FULCIO = [1, 3, 6, 1, 4, 1, 57264, 1];

type Value = readonly [arc: number, value: Buffer];

/** DER of a UTF8String, its length in as few bytes as it takes. */
function utf8(text: string): Buffer {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([0x0c, ...head]), bytes]);
}

function raw(text: string): Buffer {
  return Buffer.from(text);
}

/** The part of the library's answer that is read. */
function verified(values: readonly Value[], { san = SAN, issuer = GITHUB, prefix = FULCIO } = {}): Signer {
  const oids = values.map(([arc, value]) => ({ oid: { id: [...prefix, arc] }, value }));
  return { identity: { subjectAlternativeName: san, extensions: { issuer }, oids } } as unknown as Signer;
}

function claims(...values: readonly Value[]): unknown {
  return claimsOf(verified(values));
}

function claimsOf(signer: Signer): unknown {
  const found = keylessSigner(signer, "main");
  return found.kind === "keyless" ? found.claims : undefined;
}

describe("the claims of a certificate", () => {
  it("are an identity, an issuer and the trust root that vouches for them", () => {
    expect(keylessSigner(verified([]), "main")).toEqual({
      kind: "keyless",
      identity: SAN,
      issuer: GITHUB,
      claims: {},
      trustRoot: "main",
    });
    expect(() => keylessSigner(verified([], { san: "" }), "main")).toThrow(Rejected);
    expect(() => keylessSigner(verified([], { issuer: "" }), "main")).toThrow(Rejected);
    expect(() => keylessSigner({} as Signer, "main")).toThrow(Rejected);
  });

  it.each<[number, string, string]>([
    [9, "buildSignerURI", "https://github.com/acme/shared"],
    [10, "buildSignerDigest", "a".repeat(40)],
    [11, "runnerEnvironment", "github-hosted"],
    [12, "sourceRepositoryURI", "https://github.com/acme/app"],
    [13, "sourceRepositoryDigest", "b".repeat(40)],
    [14, "sourceRepositoryRef", "refs/tags/v1"],
    [15, "sourceRepositoryIdentifier", "1"],
    [16, "sourceRepositoryOwnerURI", "https://github.com/acme"],
    [17, "sourceRepositoryOwnerIdentifier", "2"],
    [18, "buildConfigURI", SAN],
    [19, "buildConfigDigest", "c".repeat(40)],
    [20, "buildTrigger", "push"],
    [21, "runInvocationURI", "https://github.com/acme/app/actions/runs/1"],
    [22, "sourceRepositoryVisibilityAtSigning", "public"],
  ])("arc %d is %s, a UTF8String", (arc, name, text) => {
    expect(claims([arc, utf8(text)])).toEqual({ [name]: text });
    expect(claims([arc, raw(text)])).toEqual({});
  });

  it.each<[number, string, string]>([
    [2, "buildTrigger", "push"],
    [3, "sourceRepositoryDigest", "b".repeat(40)],
    [4, "githubWorkflowName", "release"],
    [6, "sourceRepositoryRef", "refs/heads/main"],
  ])("arc %d is %s, the text itself, from before 2023", (arc, name, text) => {
    expect(claims([arc, raw(text)])).toEqual({ [name]: text });
  });

  it("are the newer ones where both are there", () => {
    const both: Value[] = [
      [2, raw("old")],
      [20, utf8("push")],
      [3, raw("old")],
      [13, utf8("sha")],
      [6, raw("old")],
      [14, utf8("ref")],
      [5, raw("old/app")],
      [12, utf8("https://github.com/acme/app")],
    ];
    const newer = { buildTrigger: "push", sourceRepositoryDigest: "sha", sourceRepositoryRef: "ref" };
    expect(claims(...both)).toEqual({ ...newer, sourceRepositoryURI: "https://github.com/acme/app" });
  });

  it("name the repository of an older certificate, where GitHub issued it", () => {
    const old: Value[] = [[5, raw("acme/app")]];
    expect(claims(...old)).toEqual({ sourceRepositoryURI: "https://github.com/acme/app" });
    expect(claimsOf(verified(old, { issuer: "https://issuer.example" }))).toEqual({});
  });

  it("are Fulcio's extensions and no others", () => {
    const value: Value[] = [[12, utf8("https://github.com/acme/app")]];
    expect(claimsOf(verified(value, { prefix: [1, 3, 6, 1, 4, 1, 57264, 2] }))).toEqual({});
    expect(claimsOf(verified(value, { prefix: [9, ...FULCIO] }))).toEqual({});
    const unnamed = {
      identity: { subjectAlternativeName: SAN, extensions: { issuer: GITHUB }, oids: [{ value: raw("x") }] },
    };
    expect(claimsOf(unnamed as unknown as Signer)).toEqual({});
  });

  it.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["a tag alone", Buffer.from([0x0c])],
    ["another type", Buffer.concat([Buffer.from([0x13, 1]), raw("x")])],
    ["a length too long", Buffer.from([0x0c, 5, 0x61])],
    ["a length too short", Buffer.from([0x0c, 0, 0x61])],
    ["a length that is not there", Buffer.from([0x0c, 0x82, 1])],
    ["a length of three bytes", Buffer.concat([Buffer.from([0x0c, 0x83, 0, 0, 1]), raw("x")])],
  ])("are not guessed from %s", (_, value) => {
    expect(claims([12, value])).toEqual({});
  });

  it("are at most 1,024 characters long", () => {
    expect(claims([12, utf8("x".repeat(1024))])).toEqual({ sourceRepositoryURI: "x".repeat(1024) });
    expect(claims([12, utf8("x".repeat(1025))])).toEqual({});
    expect(claims([12, utf8("x".repeat(200))])).toEqual({ sourceRepositoryURI: "x".repeat(200) });
    expect(claims([4, raw("x".repeat(1025))])).toEqual({});
  });
});
