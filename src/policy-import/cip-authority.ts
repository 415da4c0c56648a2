import { z } from "zod";

import { addAuthority, type ImportContext, isAccepted, lose } from "./draft.ts";
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
export type CipAuthority = z.output<typeof Authority>;

/** The authorities of ours that represent one of theirs: any one of them. */
export function authorityNames(context: ImportContext, authority: CipAuthority, path: Path): string[] {
  const name = authority.name ?? `authority-${String(path.at(-1) ?? 0)}`;
  if (authority.source.length > 0)
    lose(
      context,
      [...path, "source"],
      "stricter",
      "signatures are searched next to the image, not in another repository",
    );
  if (authority.key !== undefined) return keyNames(context, { name, key: authority.key, authority }, path);
  if (authority.keyless !== undefined)
    return keylessNames(context, { name, keyless: authority.keyless, authority }, path);
  lose(context, path, "stricter", "it names neither a key nor identities; it accepts no image");
  return [addAuthority(context, name, undefined, path)];
}

interface Named {
  readonly name: string;
  readonly authority: CipAuthority;
}

function keyNames(
  context: ImportContext,
  { name, key, authority }: Named & { readonly key: NonNullable<CipAuthority["key"]> },
  path: Path,
): string[] {
  const at = [...path, "key"];
  if (key.hashAlgorithm !== undefined && key.hashAlgorithm !== "sha256")
    lose(context, [...at, "hashAlgorithm"], "stricter", "only the key's usual digest is tried");
  const needs = key.kms === undefined ? logNeeds(context, authority, path) : "unknown";
  if (key.kms !== undefined) {
    const why = "keys are not read from a KMS; write the public half into the policy. It accepts no image";
    lose(context, [...at, "kms"], "stricter", why);
  }
  if (needs === "unknown") return [addAuthority(context, name, undefined, at)];
  return keyAuthorities(
    context,
    name,
    { pem: key.data, secret: key.secretRef, logged: needs === "logged" },
    at,
  );
}

/** Whether a key's signature must be in a log: only where one is named. `unknown` where ours cannot ask what theirs does. */
function logNeeds(
  context: ImportContext,
  { ctlog, rfc3161timestamp }: CipAuthority,
  path: Path,
): "logged" | "unlogged" | "unknown" {
  if (rfc3161timestamp !== undefined) {
    const why = "MC Gate cannot require a timestamp for a key's signature";
    return isAccepted(context, [...path, "rfc3161timestamp"], why) ? "unlogged" : "unknown";
  }
  if (ctlog?.trustRootRef !== undefined) return logOf(context, ctlog.trustRootRef, path);
  return ctlog?.url === undefined ? "unlogged" : "logged";
}

/** A private log is known by the trust root that holds its key. */
function logOf(context: ImportContext, ref: string, path: Path): "logged" | "unknown" {
  if (trustRootFor(context, { name: ref }) !== undefined) return "logged";
  unknownRoot(context, ref, [...path, "ctlog", "trustRootRef"]);
  return "unknown";
}

function keylessNames(
  context: ImportContext,
  { name, keyless, authority }: Named & { readonly keyless: NonNullable<CipAuthority["keyless"]> },
  path: Path,
): string[] {
  const at = [...path, "keyless"];
  const trustRoot = keylessRoot(context, { name, keyless, authority }, path);
  if (keyless.identities.length === 0) {
    lose(context, at, "stricter", "without identities anyone would count; no one does");
    return [addAuthority(context, name, undefined, at)];
  }
  return keyless.identities.map((identity, nth) =>
    identityAuthority(context, { name, trustRoot }, identity, [...at, "identities", nth]),
  );
}

/** The Sigstore instance that must vouch for the certificates; undefined where it is not known. */
function keylessRoot(
  context: ImportContext,
  { keyless, authority }: Named & { readonly keyless: NonNullable<CipAuthority["keyless"]> },
  path: Path,
): string | undefined {
  const at = [...path, "keyless"];
  const ref = keyless.trustRootRef;
  if (keyless["ca-cert"] !== undefined) {
    lose(context, [...at, "ca-cert"], "stricter", "a CA alone is not a trust root here; it accepts no image");
    return undefined;
  }
  if (ref === undefined && keyless.url !== undefined && !PUBLIC_FULCIO.test(keyless.url)) {
    lose(
      context,
      [...at, "url"],
      "stricter",
      "another Fulcio needs its trusted root, by trustRootRef; it accepts no image",
    );
    return undefined;
  }
  const stamped = authority.rfc3161timestamp !== undefined;
  const needs = { name: ref, certified: keyless.insecureIgnoreSCT !== true };
  const exact = trustRootFor(context, { ...needs, logged: !stamped });
  if (exact !== undefined) return exact;
  const usual = trustRootFor(context, { name: ref });
  if (usual === undefined) unknownRoot(context, ref!, [...at, "trustRootRef"]);
  else {
    const why = "for the public instance a log entry and a certificate timestamp are always required";
    lose(context, stamped ? [...path, "rfc3161timestamp"] : [...at, "insecureIgnoreSCT"], "stricter", why);
  }
  return usual;
}

function unknownRoot(context: ImportContext, ref: string, path: Path): void {
  const why = `give the trusted_root.json of ${ref} by --trust-root ${ref}=FILE; it accepts no image until then`;
  lose(context, path, "stricter", why);
}
