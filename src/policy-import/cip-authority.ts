import { z } from "zod";

import { addAuthority, type Desk, isAccepted, lose } from "./draft.ts";
import type { Path } from "./incompatibility.ts";
import { identityAuthority, keyAuthorities, trustRootFor } from "./signers.ts";

const PUBLIC_FULCIO = /^https:\/\/fulcio\.sigstore\.dev\/?$/;
const Text = z.string().optional();
const Identity = z.looseObject({ issuer: Text, issuerRegExp: Text, subject: Text, subjectRegExp: Text });
const Ref = z.looseObject({ url: Text, trustRootRef: Text });

/** One authority of a ClusterImagePolicy. */
export const Authority = z.looseObject({
  name: Text,
  key: z
    .looseObject({
      data: Text,
      secretRef: z.looseObject({ name: z.string(), namespace: Text }).optional(),
      kms: Text,
      hashAlgorithm: Text,
    })
    .optional(),
  keyless: z
    .looseObject({
      url: Text,
      identities: z.array(Identity).default([]),
      "ca-cert": z.looseObject({}).optional(),
      trustRootRef: Text,
      insecureIgnoreSCT: z.boolean().optional(),
    })
    .optional(),
  static: z.looseObject({ action: z.enum(["pass", "fail"]), message: Text }).optional(),
  source: z
    .array(z.looseObject({ oci: Text, signaturePullSecrets: z.unknown().optional(), tagPrefix: Text }))
    .default([]),
  ctlog: Ref.optional(),
  rfc3161timestamp: Ref.optional(),
  attestations: z
    .array(z.looseObject({ name: Text, predicateType: z.string(), policy: z.looseObject({}).optional() }))
    .default([]),
  signatureFormat: Text,
});
/** See the schema of the same name. */
export type CipAuthority = z.output<typeof Authority>;

/** The authorities of ours that stand for one of theirs: any one of them. */
export function authorityNames(desk: Desk, authority: CipAuthority, path: Path): string[] {
  const name = authority.name ?? `authority-${String(path.at(-1) ?? 0)}`;
  if (authority.source.length > 0)
    lose(
      desk,
      [...path, "source"],
      "stricter",
      "signatures are looked for beside the image, in no other repository",
    );
  if (authority.key !== undefined) return keyNames(desk, { name, key: authority.key, authority }, path);
  if (authority.keyless !== undefined)
    return keylessNames(desk, { name, keyless: authority.keyless, authority }, path);
  lose(desk, path, "stricter", "it names neither a key nor identities; nothing passes in its name");
  return [addAuthority(desk, name, undefined, path)];
}

interface Named {
  readonly name: string;
  readonly authority: CipAuthority;
}

function keyNames(
  desk: Desk,
  { name, key, authority }: Named & { readonly key: NonNullable<CipAuthority["key"]> },
  path: Path,
): string[] {
  const at = [...path, "key"];
  if (key.hashAlgorithm !== undefined && key.hashAlgorithm !== "sha256")
    lose(desk, [...at, "hashAlgorithm"], "stricter", "only the key's usual digest is tried");
  const needs = key.kms === undefined ? logNeeds(desk, authority, path) : "unknown";
  if (key.kms !== undefined) {
    const why =
      "keys are not read from a KMS; write the public half into the policy. Nothing passes in its name";
    lose(desk, [...at, "kms"], "stricter", why);
  }
  if (needs === "unknown") return [addAuthority(desk, name, undefined, at)];
  return keyAuthorities(desk, name, { pem: key.data, secret: key.secretRef, logged: needs === "logged" }, at);
}

/** Whether a key's signature must be in a log: only where one is named. `unknown` where ours cannot ask what theirs does. */
function logNeeds(
  desk: Desk,
  { ctlog, rfc3161timestamp }: CipAuthority,
  path: Path,
): "logged" | "unlogged" | "unknown" {
  if (rfc3161timestamp !== undefined) {
    const why = "ours cannot ask a timestamp of a key's signature";
    return isAccepted(desk, [...path, "rfc3161timestamp"], why) ? "unlogged" : "unknown";
  }
  if (ctlog?.trustRootRef !== undefined) return logOf(desk, ctlog.trustRootRef, path);
  return ctlog?.url === undefined ? "unlogged" : "logged";
}

/** A log of its own is known by the trust root that holds its key. */
function logOf(desk: Desk, ref: string, path: Path): "logged" | "unknown" {
  if (trustRootFor(desk, { name: ref }) !== undefined) return "logged";
  unknownRoot(desk, ref, [...path, "ctlog", "trustRootRef"]);
  return "unknown";
}

function keylessNames(
  desk: Desk,
  { name, keyless, authority }: Named & { readonly keyless: NonNullable<CipAuthority["keyless"]> },
  path: Path,
): string[] {
  const at = [...path, "keyless"];
  const trustRoot = keylessRoot(desk, { name, keyless, authority }, path);
  if (keyless.identities.length === 0) {
    lose(desk, at, "stricter", "without identities anyone would count; nobody does");
    return [addAuthority(desk, name, undefined, at)];
  }
  return keyless.identities.map((identity, nth) =>
    identityAuthority(desk, { name, trustRoot }, identity, [...at, "identities", nth]),
  );
}

/** The Sigstore instance that must vouch for the certificates; undefined where it is not known. */
function keylessRoot(
  desk: Desk,
  { keyless, authority }: Named & { readonly keyless: NonNullable<CipAuthority["keyless"]> },
  path: Path,
): string | undefined {
  const at = [...path, "keyless"];
  const ref = keyless.trustRootRef;
  if (keyless["ca-cert"] !== undefined) {
    lose(
      desk,
      [...at, "ca-cert"],
      "stricter",
      "a CA alone is no trust root of ours; nothing passes in its name",
    );
    return undefined;
  }
  if (ref === undefined && keyless.url !== undefined && !PUBLIC_FULCIO.test(keyless.url)) {
    lose(
      desk,
      [...at, "url"],
      "stricter",
      "another Fulcio needs its trusted root, by trustRootRef; nothing passes in its name",
    );
    return undefined;
  }
  const stamped = authority.rfc3161timestamp !== undefined;
  const needs = { name: ref, certified: keyless.insecureIgnoreSCT !== true };
  const exact = trustRootFor(desk, { ...needs, logged: !stamped });
  if (exact !== undefined) return exact;
  const usual = trustRootFor(desk, { name: ref });
  if (usual === undefined) unknownRoot(desk, ref!, [...at, "trustRootRef"]);
  else {
    const why = "of the public instance a log entry and a certificate timestamp are always asked for";
    lose(desk, stamped ? [...path, "rfc3161timestamp"] : [...at, "insecureIgnoreSCT"], "stricter", why);
  }
  return usual;
}

function unknownRoot(desk: Desk, ref: string, path: Path): void {
  const why = `give the trusted_root.json of ${ref} by --trust-root ${ref}=FILE; nothing passes in its name until then`;
  lose(desk, path, "stricter", why);
}
