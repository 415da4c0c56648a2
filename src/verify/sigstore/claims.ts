import type { Signer as VerifiedSigner } from "@sigstore/verify";

import type { CertificateClaims, Signer } from "../../core/index.ts";
import { Rejected } from "../rejected.ts";

const FULCIO = "1.3.6.1.4.1.57264.1.";
const GITHUB = "https://token.actions.githubusercontent.com";
const UTF8_STRING = 0x0c;
const MAX_TEXT = 1024;
/** Up to this arc the extension's value is the text itself, above it is a DER UTF8String. */
const LAST_RAW_ARC = 6;

type Values = ReadonlyMap<number, string>;

/** The keyless signer that the library vouches for, with its Fulcio claims decoded. Throws Rejected without identity or issuer. */
export function keylessSigner({ identity }: VerifiedSigner, trustRoot: string): Signer {
  const san = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  if (!san || !issuer)
    throw new Rejected("unsupported", "the signing certificate names no identity or no issuer");
  return {
    kind: "keyless",
    identity: san,
    issuer,
    claims: claimsOf(valuesOf(identity.oids ?? []), issuer),
    trustRoot,
  };
}

function valuesOf(oids: NonNullable<NonNullable<VerifiedSigner["identity"]>["oids"]>): Values {
  const values = new Map<number, string>();
  for (const { oid, value } of oids) {
    const dotted = oid?.id.join(".") ?? "";
    if (!dotted.startsWith(FULCIO)) continue;
    const arc = Number(dotted.slice(FULCIO.length));
    const text = arc <= LAST_RAW_ARC ? value.toString("utf8") : utf8String(value);
    if (text !== undefined && text.length <= MAX_TEXT) values.set(arc, text);
  }
  return values;
}

/** The text of a DER UTF8String with a length of one, two or three bytes; undefined where it is anything else. */
function utf8String(der: Buffer): string | undefined {
  if (der[0] !== UTF8_STRING || der.length < 2) return undefined;
  const long = der[1]! & 0x80 ? der[1]! & 0x7f : 0;
  if (long > 2 || der.length < 2 + long) return undefined;
  const length = long === 0 ? der[1]! : der.readUIntBE(2, long);
  return der.length === 2 + long + length ? der.toString("utf8", 2 + long) : undefined;
}

function claimsOf(values: Values, issuer: string): CertificateClaims {
  const claims = {
    buildSignerURI: values.get(9),
    buildSignerDigest: values.get(10),
    runnerEnvironment: values.get(11),
    sourceRepositoryURI: values.get(12) ?? legacyRepository(values.get(5), issuer),
    sourceRepositoryDigest: values.get(13) ?? values.get(3),
    sourceRepositoryRef: values.get(14) ?? values.get(6),
    sourceRepositoryIdentifier: values.get(15),
    sourceRepositoryOwnerURI: values.get(16),
    sourceRepositoryOwnerIdentifier: values.get(17),
    buildConfigURI: values.get(18),
    buildConfigDigest: values.get(19),
    buildTrigger: values.get(20) ?? values.get(2),
    runInvocationURI: values.get(21),
    sourceRepositoryVisibilityAtSigning: values.get(22),
    githubWorkflowName: values.get(4),
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** Certificates from before 2023 name the repository as `owner/name` only. */
function legacyRepository(name: string | undefined, issuer: string): string | undefined {
  return name !== undefined && issuer === GITHUB ? `https://github.com/${name}` : undefined;
}
