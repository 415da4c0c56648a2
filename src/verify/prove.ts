import type { Bundle } from "@sigstore/bundle";
import type { TrustMaterial } from "@sigstore/verify";

import type { Proof } from "../core/index.ts";
import { keylessSigner } from "./claims.ts";
import { type Candidate, contentOf, type Proven, verifyAgainst } from "./entity.ts";
import type { Opened } from "./formats/index.ts";
import { checkLeaf } from "./leaf.ts";
import { knownEntries } from "./log-entry.ts";
import type { Instance, Material, ReadyKey } from "./material.ts";
import { MemoCertificate } from "./memo-certificate.ts";
import { asRejected, Rejected } from "./rejected.ts";

/** Who signed, and what vouches for it. */
export type Proved = Omit<Proof, "form" | "attachment">;

/** Verifies an opened attachment: a certificate against each instance on its own, a bare key against our keys. Throws Rejected. */
export function prove({ bundle, artifact, content }: Opened, material: Material): Proved {
  const leaf = leafOf(bundle);
  if (leaf === undefined) return proveByKey({ bundle, artifact, content }, material);
  checkLeaf(leaf);
  return proveByCertificate({ bundle, artifact, content, leaf, spki: leaf.publicKey }, material.instances);
}

function leafOf(bundle: Bundle): MemoCertificate | undefined {
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

function certificateFrom(der: Uint8Array | undefined): MemoCertificate {
  if (der === undefined) throw new Rejected("malformed", "the bundle's certificate chain is empty");
  try {
    return MemoCertificate.fromDer(der);
  } catch (error) {
    throw asRejected(error, "malformed");
  }
}

function proveByCertificate(
  candidate: Candidate & { readonly leaf: MemoCertificate },
  instances: readonly Instance[],
): Proved {
  let nearest = new Rejected("untrusted", "its certificate was issued by no trusted CA");
  for (const { name, material, tlogThreshold, ctlogThreshold } of instances) {
    if (!isIssuedBy(candidate.leaf, material)) continue;
    try {
      const proven = verifyAgainst(candidate, material, {
        tlogThreshold,
        ctlogThreshold,
        timestampThreshold: 1,
      });
      return proved(proven, keylessSigner(proven.signer, name));
    } catch (error) {
      nearest = nearer(nearest, asRejected(error));
    }
  }
  throw nearest;
}

/** Whether one of an instance's CAs made the certificate: the whole of the verification still has to follow. */
function isIssuedBy(leaf: MemoCertificate, { certificateAuthorities }: TrustMaterial): boolean {
  const chains = certificateAuthorities.flatMap(({ certChain }) => certChain);
  return chains.some((issuer) => issuer.subject.equals(leaf.issuer) && leaf.verify(issuer));
}

/** Of two failures the one that tells more: a certificate that is trusted, but whose signature is wrong. */
function nearer(one: Rejected, other: Rejected): Rejected {
  return one.reason === "untrusted" ? other : one;
}

/** The bundle's key hint is the signer's word: our own keys are tried, whatever it says. */
function proveByKey(
  found: Pick<Candidate, "bundle" | "artifact" | "content">,
  { keys, instances }: Material,
): Proved {
  const signed = contentOf(found);
  const ready = keys.find(({ key }) => signed.verifySignature(key));
  if (ready === undefined) throw new Rejected("untrusted", "it was made by no key that the policy names");
  const candidate = { ...found, spki: ready.key.export({ format: "der", type: "spki" }) };
  const proven = loggedProof(candidate, ready, instances) ?? timedProof(candidate, ready, instances);
  return proved(proven, { kind: "key", fingerprint: ready.fingerprint });
}

/** A key's signature with an entry of a known log; an entry that is known and false spoils the signature. */
function loggedProof(
  candidate: Candidate,
  key: ReadyKey,
  instances: readonly Instance[],
): Proven | undefined {
  let failure: Rejected | undefined;
  for (const { material } of instances) {
    if (knownEntries(candidate.bundle.verificationMaterial.tlogEntries, material.tlogs).length === 0)
      continue;
    try {
      return verifyAgainst(candidate, withKey(material, key), { tlogThreshold: 1, timestampThreshold: 0 });
    } catch (error) {
      failure ??= asRejected(error);
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** A key's signature without a known log: with a timestamp where an instance vouches for one, else bare. */
function timedProof(candidate: Candidate, key: ReadyKey, instances: readonly Instance[]): Proven {
  for (const { material } of instances) {
    try {
      return verifyAgainst(candidate, withKey(material, key), { tlogThreshold: 0, timestampThreshold: 1 });
    } catch {
      continue; // this instance vouches for no time of it; the bare signature may still do
    }
  }
  return verifyAgainst(candidate, withKey(NOTHING, key), { tlogThreshold: 0, timestampThreshold: 0 });
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

function proved({ logged, trustedTime, timeSource }: Proven, signer: Proof["signer"]): Proved {
  return { signer, logged, ...(trustedTime && { trustedTime }), ...(timeSource && { timeSource }) };
}
