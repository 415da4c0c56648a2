import type { Bundle } from "@sigstore/bundle";
import type { TrustMaterial } from "@sigstore/verify";

import type { Proof } from "../../core/index.ts";
import type { Opened } from "../formats/index.ts";
import { asRejected, Rejected } from "../rejected.ts";
import { CachingCertificate } from "./caching-certificate.ts";
import { keylessSigner } from "./claims.ts";
import { type Candidate, type Proven, verifyAgainst } from "./entity.ts";
import { checkLeaf } from "./leaf.ts";
import { knownEntries } from "./log-entry.ts";
import type { Instance, Material, ReadyKey } from "./material.ts";
import { signedContent } from "./signed-content.ts";

/** Of a key hint that is a SHA-256. */
const SHA256_BYTES = 32;

/** Who signed what, and what vouches for it. */
export type Proved = Omit<Proof, "form" | "attachment" | "copies">;

type Vouched = Omit<Proved, "statement">;

/**
 * Verifies an opened attachment: a certificate against each instance on its own, a bare key against our keys. There is one
 * proof for each instance that vouches: what each says of log and time holds together, and a rule may ask for any of
 * them. Throws Rejected where none does.
 */
export function prove({ bundle, artifact, content: given }: Opened, material: Material): readonly Proved[] {
  const content = given ?? signedContent(bundle, artifact);
  const proofs = proofsOf({ bundle, content }, material);
  const statement = content.digest();
  return proofs.map((proof) => ({ ...proof, statement }));
}

function proofsOf(found: Pick<Candidate, "bundle" | "content">, material: Material): readonly Vouched[] {
  const leaf = leafOf(found.bundle);
  if (leaf === undefined) return proveByKey(found, material);
  checkLeaf(leaf);
  return proveByCertificate({ ...found, leaf, spki: leaf.publicKey }, material.instances);
}

function leafOf(bundle: Bundle): CachingCertificate | undefined {
  const { content } = bundle.verificationMaterial;
  switch (content.$case) {
    case "publicKey":
      return undefined;
    case "certificate":
      return certificateFrom(content.certificate.rawBytes);
    case "x509CertificateChain":
      return certificateFrom(content.x509CertificateChain.certificates[0]?.rawBytes);
  }
}

function certificateFrom(der: Uint8Array | undefined): CachingCertificate {
  if (der === undefined) throw new Rejected("malformed", "the bundle's certificate chain is empty");
  try {
    return CachingCertificate.fromDer(der);
  } catch (error) {
    throw asRejected(error, "malformed");
  }
}

function proveByCertificate(
  candidate: Candidate & { readonly leaf: CachingCertificate },
  instances: readonly Instance[],
): readonly Vouched[] {
  let nearest = new Rejected("untrusted", "its certificate was not issued by a trusted CA");
  const found: Vouched[] = [];
  for (const { name, material, tlogThreshold, ctlogThreshold } of instances) {
    if (!isIssuedBy(candidate.leaf, material)) continue;
    try {
      const options = { tlogThreshold, ctlogThreshold, timestampThreshold: 1 };
      const proven = verifyAgainst(candidate, material, options);
      found.push(proved(proven, keylessSigner(proven.signer, name)));
    } catch (error) {
      nearest = nearer(nearest, asRejected(error));
    }
  }
  if (found.length === 0) throw nearest;
  return found;
}

/** Whether one of an instance's CAs made the certificate: the whole of the verification still has to follow. */
function isIssuedBy(leaf: CachingCertificate, { certificateAuthorities }: TrustMaterial): boolean {
  const chains = certificateAuthorities.flatMap(({ certChain }) => certChain);
  return chains.some((issuer) => issuer.subject.equals(leaf.issuer) && leaf.verify(issuer));
}

/** Of two failures the one that tells more: a certificate that is trusted, but whose signature is wrong. */
function nearer(one: Rejected, other: Rejected): Rejected {
  return one.reason === "untrusted" ? other : one;
}

/** The bundle's key hint is the signer's word: our own keys are tried, whatever it says. */
function proveByKey(
  found: Pick<Candidate, "bundle" | "content">,
  { keys, instances }: Material,
): readonly Vouched[] {
  const ready = keys.find(({ key }) => found.content.verifySignature(key));
  if (ready === undefined) throw new Rejected("untrusted", strangeKey(found.bundle));
  const candidate = { ...found, spki: ready.key.export({ format: "der", type: "spki" }) };
  const logged = loggedProofs(candidate, ready, instances);
  const proofs = logged.length > 0 ? logged : timedProofs(candidate, ready, instances);
  const signer = { kind: "key", fingerprint: ready.fingerprint } as const;
  return distinct(proofs.map((proven) => proved(proven, signer)));
}

/**
 * What a signature says of its key, for the person who made it. Source: cosign pkg/cosign/bundle/sign.go, a bundle's hint is
 * the SHA-256 of the key's SubjectPublicKeyInfo in base64.
 */
function strangeKey({ verificationMaterial: { content } }: Bundle): string {
  const hint = content.$case === "publicKey" ? Buffer.from(content.publicKey.hint, "base64") : undefined;
  if (hint?.length !== SHA256_BYTES) return "it was not made by a key that the policy names";
  const key = `sha256:${hint.toString("hex").slice(0, 12)}`;
  return `it says it was made by key ${key}, which the policy does not name`;
}

/** A key's signature with an entry of a known log, by each instance; one that is known and false everywhere spoils it. */
function loggedProofs(candidate: Candidate, key: ReadyKey, instances: readonly Instance[]): Proven[] {
  const { tlogEntries } = candidate.bundle.verificationMaterial;
  const found: Proven[] = [];
  let failure: Rejected | undefined;
  for (const { material } of instances) {
    if (knownEntries(tlogEntries, material.tlogs).length === 0) continue;
    try {
      const options = { tlogThreshold: 1, timestampThreshold: 0 };
      found.push(verifyAgainst(candidate, withKey(material, key), options));
    } catch (error) {
      failure ??= asRejected(error);
    }
  }
  if (found.length === 0 && failure !== undefined) throw failure;
  return found;
}

/** A key's signature without a known log: with a timestamp by each instance that vouches for one, else bare. */
function timedProofs(candidate: Candidate, key: ReadyKey, instances: readonly Instance[]): Proven[] {
  const timed = instances.flatMap(({ material }) => {
    try {
      const options = { tlogThreshold: 0, timestampThreshold: 1 };
      return [verifyAgainst(candidate, withKey(material, key), options)];
    } catch {
      return []; // this instance vouches for no time of it; the bare signature may still do
    }
  });
  if (timed.length > 0) return timed;
  return [verifyAgainst(candidate, withKey(NOTHING, key), { tlogThreshold: 0, timestampThreshold: 0 })];
}

/** A key has no instance, so two may say the same of it. */
function distinct(proofs: readonly Vouched[]): Vouched[] {
  return [...new Map(proofs.map((proof) => [JSON.stringify(proof), proof])).values()];
}

const NOTHING: Omit<TrustMaterial, "publicKey"> = {
  certificateAuthorities: [],
  timestampAuthorities: [],
  tlogs: [],
  ctlogs: [],
};

function withKey(material: Omit<TrustMaterial, "publicKey">, { key }: ReadyKey): TrustMaterial {
  return { ...material, publicKey: () => ({ publicKey: key, validFor: () => true }) };
}

function proved({ logged, trustedTime, timeSource }: Proven, signer: Proof["signer"]): Vouched {
  return { signer, logged, ...(trustedTime && { trustedTime }), ...(timeSource && { timeSource }) };
}
