import { describe, expect, it } from "vitest";

import { parsePublicKey, type PublicKey } from "../../src/core/index.ts";
import { aPolicy, aSignature, aSigner, codes, evidenceOf, objections } from "../support/policies.ts";
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
    { key: { pem, transparencyLogNotRequiredUnsafe: true } },
  ]);
  const policy = aPolicy(
    JSON.stringify({
      authorities: Object.fromEntries(keys),
      rules: [
        {
          name: "two",
          images: ["ghcr.io/acme/app"],
          require: { signature: { threshold: { count: 2, of: Object.keys(authorities) } } },
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

describe("I54: one workflow at two refs", () => {
  const issuer = "https://token.actions.githubusercontent.com";
  const workflow = "https://github.com/acme/app/.github/workflows/release.yml";
  const scan = "https://github.com/acme/scan/.github/workflows/scan.yml@refs/heads/main";
  const refs = [`${workflow}@refs/heads/main`, `${workflow}@refs/tags/v1`];

  function judged(signature: object, ...identities: readonly string[]): string[] {
    const at = (pattern: string): object => ({
      keyless: { trustRoot: "main", issuer, identity: { pattern } },
    });
    const escaped = workflow.replaceAll(".", "[.]");
    const policy = aPolicy(
      JSON.stringify({
        trustRoots: { main: { source: "publicGood" } },
        authorities: {
          branch: at(`^${escaped}@refs/.*$`),
          tag: at(`^${escaped}@refs/(heads|tags)/.*$`),
          scan: { keyless: { trustRoot: "main", issuer, identity: scan } },
        },
        rules: [{ name: "two", images: ["ghcr.io/acme/app"], require: { signature } }],
      }),
    );
    const signatures = identities.map((identity) => aSignature({ signer: aSigner({ issuer, identity }) }));
    return codes(objections(policy, evidenceOf({ signatures })));
  }

  it.each([{ allOf: ["branch", "tag"] }, { threshold: { count: 2, of: ["branch", "tag", "scan"] } }])(
    "does not meet %j",
    (signature) => {
      expect(judged(signature, ...refs)).toEqual(["signature/untrusted-identity"]);
    },
  );

  it("meets a threshold of two together with another workflow", () => {
    const signature = { threshold: { count: 2, of: ["branch", "tag", "scan"] } };
    expect(judged(signature, ...refs, scan)).toEqual([]);
  });
});
