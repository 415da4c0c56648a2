import { describe, expect, it } from "vitest";

import { parsePublicKey, type PublicKey } from "../../src/core/index.ts";
import { aPolicy, aSignature, codes, evidenceOf, objections } from "../support/policies.ts";
import { publicKeyOf } from "../support/signed-layers.ts";
import { keyPair } from "../support/sigstore.ts";

const [first, second] = [publicKeyOf(keyPair()), publicKeyOf(keyPair())];

function keySignature({ fingerprint }: PublicKey) {
  return aSignature({ signer: { kind: "key", fingerprint } });
}

/** The codes for a threshold of two signatures. */
function found(
  authorities: Readonly<Record<string, string>>,
  ...signatures: ReturnType<typeof aSignature>[]
): string[] {
  const keys = Object.entries(authorities).map(([name, pem]) => [
    name,
    { key: { pem, transparencyLog: "notRequired" } },
  ]);
  const policy = aPolicy(
    JSON.stringify({
      authorities: Object.fromEntries(keys),
      rules: [
        {
          name: "two",
          images: ["ghcr.io/acme/app"],
          require: { signature: { threshold: { least: 2, of: Object.keys(authorities) } } },
        },
      ],
    }),
  );
  return codes(objections(policy, evidenceOf({ signatures }), { keys: policy.keys }));
}

describe("I54: one signer counted twice", () => {
  it("two keys that signed once each are two", () => {
    expect(found({ a: first.pem, b: second.pem }, keySignature(first), keySignature(second))).toEqual([]);
  });

  it("two signatures by one key are one signer's", () => {
    const twice = [keySignature(first), keySignature(first)];
    expect(found({ a: first.pem, b: second.pem }, ...twice)).toEqual(["signature/untrusted-identity"]);
  });

  it("one key under two authority names is one signer", () => {
    const again = parsePublicKey(first.pem.replaceAll("\n", "\r\n"));
    expect(again.ok).toBe(true);
    const names = { a: first.pem, b: first.pem.replaceAll("\n", "\r\n"), c: second.pem };
    expect(found(names, keySignature(first), keySignature(first))).toEqual(["signature/untrusted-identity"]);
  });
});
