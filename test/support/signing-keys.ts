import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomUUID,
  sign,
} from "node:crypto";

import { ed25519ph } from "@noble/curves/ed25519.js";

/** A hash function by the names of Node, of Rekor and of Sigstore's messages. */
export type HashName = "sha256" | "sha384" | "sha512";

/** How somebody signs: with what, and by which hash function their clients state digests. */
export interface SigningKey {
  readonly publicKey: KeyObject;
  readonly hash: HashName;
  readonly sign: (bytes: Buffer) => Buffer;
}

const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;

/**
 * Keys and algorithms of Sigstore's registry (sigstore/sigstore pkg/signature/algorithm_registry.go), named as its flags are,
 * and SHA-512 with RSA, which key management services offer. Each call makes a new key, but an owner keeps theirs where it is RSA.
 */
export const SIGNING_KEYS = {
  "ecdsa-sha2-256-nistp256": () => ecdsa("P-256", "sha256"),
  "ecdsa-sha2-384-nistp384": () => ecdsa("P-384", "sha384"),
  "ecdsa-sha2-256-nistp384": () => ecdsa("P-384", "sha256"),
  "ecdsa-sha2-512-nistp521": () => ecdsa("P-521", "sha512"),
  "ecdsa-sha2-256-nistp521": () => ecdsa("P-521", "sha256"),
  "rsa-sign-pkcs1-2048-sha256": (owner?: string) => rsa(2048, "sha256", owner),
  "rsa-sign-pkcs1-3072-sha256": (owner?: string) => rsa(3072, "sha256", owner),
  "rsa-sign-pkcs1-4096-sha256": (owner?: string) => rsa(4096, "sha256", owner),
  "rsa-sign-pkcs1-4096-sha512": (owner?: string) => rsa(4096, "sha512", owner),
  "rsa-sign-pss-2048-sha256": (owner?: string) => rsaPss(2048, owner),
  "rsa-sign-pss-4096-sha256": (owner?: string) => rsaPss(4096, owner),
  ed25519: () => ed25519("pure"),
  "ed25519-ph": () => ed25519("prehashed"),
} as const satisfies Record<string, (owner?: string) => SigningKey>;

const rsaKeys = new Map<string, KeyPairKeyObjectResult>();

/** An owner has one RSA key of a length for all tests of a process, since a long one takes a second to find. */
function rsaKeyPair(modulusLength: number, owner: string = randomUUID()): KeyPairKeyObjectResult {
  const name = `${owner} ${modulusLength}`;
  const pair = rsaKeys.get(name) ?? generateKeyPairSync("rsa", { modulusLength });
  rsaKeys.set(name, pair);
  return pair;
}

function ecdsa(namedCurve: string, hash: HashName): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  return { publicKey, hash, sign: (bytes) => sign(hash, bytes, privateKey) };
}

function rsa(modulusLength: number, hash: HashName, owner?: string): SigningKey {
  const { privateKey, publicKey } = rsaKeyPair(modulusLength, owner);
  return { publicKey, hash, sign: (bytes) => sign(hash, bytes, privateKey) };
}

function rsaPss(modulusLength: number, owner?: string): SigningKey {
  const { privateKey: key, publicKey } = rsaKeyPair(modulusLength, owner);
  const how = { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST };
  return { publicKey, hash: "sha256", sign: (bytes) => sign("sha256", bytes, how) };
}

/** Clients state digests by SHA-512 for Ed25519ph, which prehashes with it, and by SHA-256 for Ed25519. */
function ed25519(variant: "pure" | "prehashed"): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  if (variant === "pure")
    return { publicKey, hash: "sha256", sign: (bytes) => sign(null, bytes, privateKey) };
  const seed = Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url");
  return { publicKey, hash: "sha512", sign: (bytes) => Buffer.from(ed25519ph.sign(bytes, seed)) };
}

/** The key pair of RFC 8032's test vector for Ed25519ph, section 7.3. */
export const RFC_8032_ED25519PH = {
  message: Buffer.from("abc"),
  publicKey: createPublicKey(
    createPrivateKey({
      key: {
        kty: "OKP",
        crv: "Ed25519",
        d: Buffer.from("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "hex").toString(
          "base64url",
        ),
        x: Buffer.from("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "hex").toString(
          "base64url",
        ),
      },
      format: "jwk",
    }),
  ),
  signature: Buffer.from(
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    "hex",
  ),
} as const;
