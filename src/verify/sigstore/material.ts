import { createPublicKey, type KeyObject } from "node:crypto";

import { PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial, type TrustMaterial } from "@sigstore/verify";

import {
  fromProtobufJson,
  parseJson,
  type PublicKey,
  readPublicKey,
  type TrustRoot,
  type TrustSnapshot,
} from "../../core/index.ts";
import { CachingCertificate } from "./caching-certificate.ts";

/** One Sigstore instance ready for use. */
export interface Instance {
  readonly name: string;
  readonly material: TrustMaterial;
  readonly tlogThreshold: 0 | 1;
  readonly ctlogThreshold: 0 | 1;
}

/** A public key ready for use. */
export interface ReadyKey {
  readonly fingerprint: PublicKey["fingerprint"];
  readonly key: KeyObject;
}

/** A trust snapshot ready for use. */
export interface Material {
  readonly generation: string;
  readonly instances: readonly Instance[];
  readonly keys: readonly ReadyKey[];
}

/** Prepares a snapshot: certificates are parsed once and remember their checks. Throws where it holds unreadable parts. */
export function prepare({ generation, roots, keys }: TrustSnapshot): Material {
  return {
    generation,
    instances: roots.map(toInstance),
    keys: keys.map(({ fingerprint, pem }) => ({ fingerprint, key: createPublicKey(pem) })),
  };
}

function toInstance({ name, trustedRoot, tlogThreshold, ctlogThreshold }: TrustRoot): Instance {
  const root = TrustedRoot.fromJSON(fromProtobufJson(parseJson(trustedRoot)));
  const readable = { ...root, tlogs: root.tlogs.map(withPlainKey), ctlogs: root.ctlogs.map(withPlainKey) };
  const material = toTrustMaterial(readable, () => {
    throw new Error("a keyless instance holds no keys");
  });
  return { name, tlogThreshold, ctlogThreshold, material: withMemory(material) };
}

/** The library takes every RSA key for PKCS #1, also where its details say PKIX: it is given the form that it always reads. */
function withPlainKey<T extends TrustedRoot["tlogs"][number]>(log: T): T {
  const rawBytes = readPublicKey(log.publicKey!.rawBytes!).export({ format: "der", type: "spki" });
  const keyDetails = PublicKeyDetails.PUBLIC_KEY_DETAILS_UNSPECIFIED;
  return { ...log, publicKey: { ...log.publicKey!, rawBytes, keyDetails } };
}

function withMemory(material: TrustMaterial): TrustMaterial {
  type Authority = TrustMaterial["certificateAuthorities"][number];
  const remember = (authority: Authority): Authority => ({
    ...authority,
    certChain: authority.certChain.map((certificate) => CachingCertificate.fromDer(certificate.root.toDER())),
  });
  return {
    ...material,
    certificateAuthorities: material.certificateAuthorities.map(remember),
    timestampAuthorities: material.timestampAuthorities.map(remember),
  };
}
