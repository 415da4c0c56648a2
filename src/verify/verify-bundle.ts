import { p256, p384, p521 } from "@noble/curves/nist.js";
import type { Bundle } from "@sigstore/bundle";

import { type Digest, digestOf, Fault, type Signer, splitDigest, type TrustSnapshot } from "../core/index.ts";
import { readBundle } from "./formats/index.ts";
import { readStatement } from "./formats/statement.ts";
import { parseJsonObject } from "./json.ts";
import { Rejected } from "./rejected.ts";
import { prepare } from "./sigstore/material.ts";
import { prove } from "./sigstore/prove.ts";
import { isDigestOf, type SignedContent } from "./sigstore/signed-content.ts";

/** What a bundle is verified against: the artifact's bytes, or only its digest. */
export type Artifact = { readonly bytes: Buffer } | { readonly digest: Digest };

/** Who must have signed: a certificate's identity, exactly, or any key of the trust snapshot. */
export type ExpectedSigner = { readonly identity: string; readonly issuer: string } | "key";

/** What `verifyBundle` takes. */
export interface BundleCheck {
  /** JSON text of a Sigstore bundle. */
  readonly bundle: string;
  readonly artifact: Artifact;
  readonly signer: ExpectedSigner;
  readonly trust: TrustSnapshot;
}

/**
 * Verifies a bundle of any kind of artifact, as a client of the sigstore-conformance suite does. Returns undefined where
 * it verifies, else one clause that says why not. Never throws.
 */
export function verifyBundle({ bundle: text, artifact, signer, trust }: BundleCheck): string | undefined {
  try {
    const bundle = readBundle(parseJsonObject(text, "the bundle"));
    const signed = contentFor(bundle, artifact);
    const proofs = prove({ bundle, claim: { kind: "signature" }, ...signed }, prepare(trust));
    return wrongSigner(proofs[0]!.signer, signer); // the identity is the certificate's, whichever root vouches for it
  } catch (error) {
    return error instanceof Error ? error.message : "an unreadable failure";
  }
}

/** What the signature is over, after the checks that the library leaves out: the statement's subject, the message's digest. */
function contentFor(
  { content }: Bundle,
  artifact: Artifact,
): { readonly artifact?: Buffer; readonly content?: SignedContent } {
  if (content.$case === "dsseEnvelope") {
    const digest = "bytes" in artifact ? digestOf(artifact.bytes) : artifact.digest;
    readStatement(content.dsseEnvelope.payloadType, content.dsseEnvelope.payload, digest);
    return {};
  }
  const { messageDigest, signature } = content.messageSignature;
  if ("bytes" in artifact) {
    if (isDigestOf(messageDigest.digest, artifact.bytes)) return { artifact: artifact.bytes };
    throw new Rejected("wrong-subject", "the bundle is for another artifact");
  }
  const { algorithm, hex } = splitDigest(artifact.digest);
  if (messageDigest.digest.length !== hex.length / 2) {
    throw new Rejected(
      "unsupported",
      `the bundle states another digest than ${algorithm}: give the file itself`,
    );
  }
  if (!messageDigest.digest.equals(Buffer.from(hex, "hex"))) {
    throw new Rejected("wrong-subject", `the bundle is for another artifact (${algorithm} differs)`);
  }
  return { content: digestContent(signature, artifact.digest) };
}

const CURVES: Readonly<Record<string, typeof p256>> = { "P-256": p256, "P-384": p384, "P-521": p521 };

/** Node signs and verifies bytes only, so a signature over a digest alone is checked by another library: ECDSA. */
function digestContent(signature: Buffer, signed: Digest): SignedContent {
  const digest = Buffer.from(splitDigest(signed).hex, "hex");
  return {
    signature,
    digest: () => signed,
    compareSignature: (other) => other.equals(signature),
    compareDigest: (other) => other.equals(digest),
    compareSignedDigest: (other) => other.equals(digest),
    verifySignature: (key) => {
      const { x, y, crv } = key.export({ format: "jwk" });
      const curve = CURVES[crv ?? ""];
      if (curve === undefined || x === undefined || y === undefined) {
        throw new Rejected("unsupported", "by digest alone only ECDSA signatures can be checked");
      }
      const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
      return curve.verify(signature, digest, point, { format: "der", prehash: false, lowS: false });
    },
  };
}

function wrongSigner(found: Signer, wanted: ExpectedSigner): string | undefined {
  if (wanted === "key")
    return found.kind === "key" ? undefined : "it is signed with a certificate, not with the key";
  if (found.kind === "key") throw new Fault("internal/unexpected", "a key verified although none was given");
  const isWanted = found.identity === wanted.identity && found.issuer === wanted.issuer;
  return isWanted ? undefined : `it is signed by ${found.identity} (issuer ${found.issuer})`;
}
