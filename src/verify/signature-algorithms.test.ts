import { describe, expect, it } from "vitest";

import { CA_ALGORITHMS, type CompanyCA, createCompanyCA } from "../../test/support/company-ca.ts";
import {
  attachmentsOf,
  attestation,
  cosignSign,
  publicKeyOf,
  world,
} from "../../test/support/signed-layers.ts";
import { SIGNING_KEYS } from "../../test/support/signing-keys.ts";
import { keyPair } from "../../test/support/sigstore.ts";
import { digestOf, type TrustRoot, type TrustSnapshot } from "../core/index.ts";
import { verifyAttachments } from "./evidence.ts";
import { verifyBundle } from "./verify-bundle.ts";

const { sigstore, subject, other, now } = await world();
const sbom = attestation("https://cyclonedx.org/bom", {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  components: [],
});
const ALGORITHMS = Object.keys(SIGNING_KEYS) as (keyof typeof SIGNING_KEYS)[];
const FORMS = [
  ["a bundle", cosignSign.bundle],
  ["a .sig layer", cosignSign.legacy],
  ["an attestation's bundle", sbom.bundle],
  ["an .att layer", sbom.legacy],
] as const;
const LOGS = [
  ["Rekor v1", { rekor: "v1" }, true],
  ["Rekor v2 and a timestamp", { rekor: "v2", timestamps: 1 }, true],
  ["no log", { rekor: "none", timestamps: 0 }, false],
] as const;
/** No client puts an entry of Rekor v2 into an annotation. */
const COMBINATIONS = FORMS.flatMap(([form, sign]) => {
  const logs = LOGS.filter(([, { rekor }]) => rekor !== "v2" || form.endsWith("bundle"));
  return logs.map(([log, how, logged]) => ({ form, sign, log, how, logged }));
});

const company = await createCompanyCA("ECDSA P-384 SHA-384");

/** The instance's root with another certificate authority, which no certificate log watches. */
function rootWith({ rootCertificate }: CompanyCA): TrustRoot {
  const [authority] = sigstore.trustedRoot["certificateAuthorities"] as object[];
  const certChain = { certificates: [{ rawBytes: rootCertificate.toString("base64") }] };
  const certificateAuthorities = [{ ...authority, certChain }];
  const trustedRoot = JSON.stringify({ ...sigstore.trustedRoot, certificateAuthorities });
  return { name: "company", trustedRoot, tlogThreshold: 1, ctlogThreshold: 0 };
}

describe("a certificate by an authority of a company's own", () => {
  it.each<[keyof typeof CA_ALGORITHMS, string]>([
    ["ECDSA P-256 SHA-256", "signature"],
    ["ECDSA P-384 SHA-384", "signature"],
    ["ECDSA P-521 SHA-512", "signature"],
    ["RSA SHA-256", "signature"],
    ["RSA SHA-384", "signature"],
    ["RSA SHA-512", "signature"],
    ["Ed25519", "signature"],
    ["RSA SHA-1", "untrusted"],
  ])("that signs by %s: %s", async (algorithm, expected) => {
    const ca = await createCompanyCA(algorithm);
    const pair = keyPair();
    const who = { ...pair, certificate: await ca.issue(pair.publicKey) };
    const layer = await cosignSign.bundle(sigstore, who, subject);
    const trust = { generation: "1", roots: [rootWith(ca)], keys: [] };
    const { signatures, rejections } = verifyAttachments(attachmentsOf(subject, [layer]), trust, now);
    expect(signatures.length === 1 ? "signature" : rejections[0]?.reason).toBe(expected);
  });
});

describe.each(ALGORITHMS)("%s", (algorithm) => {
  const key = keyPair(algorithm, "acme");
  const stranger = keyPair(algorithm, "stranger");
  const trust: TrustSnapshot = {
    generation: "1",
    roots: [sigstore.trustRoot("r")],
    keys: [publicKeyOf(key)],
  };

  it.each(COMBINATIONS)("$form with a key and $log counts", async ({ sign, how, logged }) => {
    const layer = await sign(sigstore, key, subject, how);
    const { signatures, attestations, rejections } = verifyAttachments(
      attachmentsOf(subject, [layer]),
      trust,
      now,
    );
    expect(rejections).toEqual([]);
    expect([...signatures, ...attestations]).toMatchObject([{ logged, signer: { kind: "key" } }]);
  });

  it.each(FORMS)("%s by another such key does not", async (_, sign) => {
    const layer = await sign(sigstore, stranger, subject);
    expect(verifyAttachments(attachmentsOf(subject, [layer]), trust, now).rejections).toMatchObject([
      {
        reason: "untrusted",
        message: expect.stringMatching(
          /a key that the policy names|key sha256:[0-9a-f]{12}, which the policy does not name/,
        ),
      },
    ]);
  });

  it("a bundle whose log entry is of another image does not count", async () => {
    const [good, foreign] = [
      await cosignSign.bundle(sigstore, key, subject),
      await cosignSign.bundle(sigstore, key, other),
    ];
    const [bundle, entry] = [good, foreign].map(({ bytes }) => JSON.parse(bytes.toString("utf8")));
    bundle.verificationMaterial.tlogEntries = entry.verificationMaterial.tlogEntries;
    const layer = { ...good, bytes: Buffer.from(JSON.stringify(bundle)) };
    expect(verifyAttachments(attachmentsOf(subject, [layer]), trust, now).rejections).toMatchObject([
      { reason: "invalid" },
    ]);
  });

  it("a certificate's signature counts", async () => {
    const who = { ...key, certificate: await company.issue(key.publicKey) };
    const layers = [
      await cosignSign.bundle(sigstore, who, subject),
      await cosignSign.legacy(sigstore, who, subject),
    ];
    const roots = [rootWith(company)];
    const { signatures, rejections } = verifyAttachments(
      attachmentsOf(subject, layers),
      { ...trust, roots },
      now,
    );
    expect([signatures.length, rejections]).toEqual([2, []]);
  });

  it("a file's bundle verifies by its bytes, and not by others", async () => {
    const bytes = Buffer.from("a file");
    const bundle = JSON.stringify(await sigstore.messageBundle(key, bytes));
    const check = { bundle, signer: "key", trust } as const;
    expect(verifyBundle({ ...check, artifact: { bytes } })).toBeUndefined();
    expect(verifyBundle({ ...check, artifact: { bytes: Buffer.from("another") } })).toBe(
      "the bundle is for another artifact",
    );
  });
});

function unlike(hash: string): string {
  return `the bundle states another digest than ${hash}: give the file itself`;
}

describe("a file's bundle, by the file's digest alone", () => {
  const bytes = Buffer.from("a file");
  const unsupported = "by digest alone only ECDSA signatures can be checked";

  it.each<[keyof typeof SIGNING_KEYS, "sha256" | "sha512", string | undefined]>([
    ["ecdsa-sha2-256-nistp256", "sha256", undefined],
    ["ecdsa-sha2-256-nistp384", "sha256", undefined],
    ["ecdsa-sha2-256-nistp521", "sha256", undefined],
    ["ecdsa-sha2-512-nistp521", "sha512", undefined],
    ["ecdsa-sha2-512-nistp521", "sha256", unlike("sha256")],
    ["ecdsa-sha2-384-nistp384", "sha256", unlike("sha256")],
    ["ecdsa-sha2-256-nistp256", "sha512", unlike("sha512")],
    ["rsa-sign-pkcs1-2048-sha256", "sha256", unsupported],
    ["ed25519", "sha256", unsupported],
  ])("by %s and %s: %s", async (algorithm, hash, expected) => {
    const key = keyPair(algorithm, "acme");
    const trust = { generation: "1", roots: [sigstore.trustRoot("r")], keys: [publicKeyOf(key)] };
    const bundle = JSON.stringify(await sigstore.messageBundle(key, bytes));
    const check = { bundle, signer: "key", trust } as const;
    const said = verifyBundle({ ...check, artifact: { digest: digestOf(bytes, hash) } });
    expect(said).toBe(expected);
    expect(verifyBundle({ ...check, artifact: { digest: digestOf("another file", hash) } })).toBeDefined();
  });
});
