import { z } from "zod";

import { addAuthority, type ImportContext, isAccepted, lose, type Signers } from "./draft.ts";
import type { Path } from "./incompatibility.ts";
import { identityAuthority, keyAuthorities, trustRootFor } from "./signers.ts";

const PUBLIC_REKOR = /^https:\/\/rekor\.sigstore\.dev\/?$/;
const Text = z.string().optional();
const Rekor = z.looseObject({ url: Text, ignoreTlog: z.boolean().optional(), pubkey: Text });
const CtLog = z.looseObject({ ignoreSCT: z.boolean().optional(), pubkey: Text, tsaCertChain: Text });
const Logs = { rekor: Rekor.optional(), ctlog: CtLog.optional() };
const Entry = z.looseObject({
  keys: z
    .looseObject({
      publicKeys: Text,
      secret: z.looseObject({ name: z.string(), namespace: Text }).optional(),
      kms: Text,
      signatureAlgorithm: Text,
      ...Logs,
    })
    .optional(),
  keyless: z
    .looseObject({
      issuer: Text,
      subject: Text,
      issuerRegExp: Text,
      subjectRegExp: Text,
      roots: Text,
      additionalExtensions: z.record(z.string(), z.string()).default({}),
      ...Logs,
    })
    .optional(),
  certificates: z.looseObject({}).optional(),
  attestor: z.unknown().optional(),
  annotations: z.record(z.string(), z.string()).default({}),
  repository: Text,
});
/** A set of attestors: as many of its entries as `count` says must have signed, all where it says nothing. */
export const AttestorSet = z.looseObject({
  count: z.int().min(0).optional(),
  entries: z.array(Entry).min(1),
});
type AttestorSet = z.output<typeof AttestorSet>;
type Entry = z.output<typeof Entry>;
type Keyless = NonNullable<Entry["keyless"]>;

/** Certificate extensions that Kyverno names, and our claims. Source: sigstore/cosign, pkg/cosign/certextensions.go. */
const CLAIMS: ReadonlyMap<string, string> = new Map([
  ["githubWorkflowTrigger", "buildTrigger"],
  ["githubWorkflowName", "githubWorkflowName"],
  ["githubWorkflowRef", "sourceRepositoryRef"],
  ["githubWorkflowRepository", "sourceRepositoryURI"],
]);
const REPOSITORY = "sourceRepositoryURI";

/** What a set of attestors asks for. */
export function signersOf(context: ImportContext, set: AttestorSet, path: Path): Signers {
  const [only] = set.entries;
  if (set.entries.length === 1 && only!.attestor !== undefined) {
    const nested = AttestorSet.safeParse(only!.attestor);
    if (nested.success) return signersOf(context, nested.data, [...path, "entries", 0, "attestor"]);
  }
  const names = set.entries.flatMap((entry, at) => entryNames(context, entry, [...path, "entries", at]));
  const least = set.count === undefined || set.count === 0 ? names.length : set.count;
  if (least === 1) return { anyOf: names };
  if (least >= names.length) return { allOf: names };
  return { threshold: { count: least, of: names } };
}

function entryNames(context: ImportContext, entry: Entry, path: Path): string[] {
  const label = path.filter((part) => typeof part === "number").join("-");
  if (entry.repository !== undefined)
    lose(
      context,
      [...path, "repository"],
      "stricter",
      "signatures are searched next to the image, not in another repository",
    );
  const annotated = Object.keys(entry.annotations).length > 0;
  const why = "annotations of signatures are not compared";
  if (annotated && !isAccepted(context, [...path, "annotations"], why)) return [nobody(context, label, path)];
  if (entry.keys !== undefined) return keyNames(context, label, entry.keys, [...path, "keys"]);
  if (entry.keyless !== undefined) return [keylessName(context, label, entry.keyless, [...path, "keyless"])];
  const what =
    entry.attestor === undefined
      ? "certificates are not an authority here"
      : "a set within a set cannot be expressed";
  lose(context, path, "stricter", `${what}; it accepts no image`);
  return [nobody(context, label, path)];
}

function keyNames(
  context: ImportContext,
  label: string,
  keys: NonNullable<Entry["keys"]>,
  path: Path,
): string[] {
  const { rekor, publicKeys = "", secret, kms } = keys;
  const inSecret = /^k8s:\/\/([^/]+)\/([^/]+)$/.exec(publicKeys.trim());
  if (kms !== undefined || /^(?:\w+kms|hashivault|azurekms|awskms|gcpkms):\/\//.test(publicKeys.trim())) {
    lose(
      context,
      path,
      "stricter",
      "keys are not read from a KMS; write the public half into the policy. It accepts no image",
    );
    return [nobody(context, label, path)];
  }
  if (publicKeys.includes("{{")) {
    lose(
      context,
      path,
      "stricter",
      "variables are not looked up; write the key into the policy. It accepts no image",
    );
    return [nobody(context, label, path)];
  }
  if (!isPublicLog(context, keys, path)) return [nobody(context, label, path)];
  const named = inSecret === null ? secret : { namespace: inSecret[1]!, name: inSecret[2]! };
  const logged = rekor?.ignoreTlog !== true;
  return keyAuthorities(
    context,
    label,
    { pem: named === undefined ? publicKeys : undefined, secret: named, logged },
    path,
  );
}

function keylessName(context: ImportContext, label: string, keyless: Keyless, path: Path): string {
  const { roots, rekor, ctlog } = keyless;
  if (roots !== undefined)
    lose(context, [...path, "roots"], "stricter", "a CA alone is not a trust root here; it accepts no image");
  if (rekor?.ignoreTlog === true || ctlog?.ignoreSCT === true)
    lose(context, path, "stricter", "a log entry and a certificate timestamp are always required");
  const claims = claimsOf(context, keyless.additionalExtensions, [...path, "additionalExtensions"]);
  const known = isPublicLog(context, keyless, path) && roots === undefined && claims !== undefined;
  const trustRoot = known ? trustRootFor(context, {}) : undefined;
  return identityAuthority(context, { name: label, trustRoot, claims, wildcards: true }, keyless, path);
}

/** Claims of ours for the certificate extensions; undefined where there is none for one of them. */
function claimsOf(
  context: ImportContext,
  extensions: Readonly<Record<string, string>>,
  path: Path,
): Record<string, string> | undefined {
  const claims: Record<string, string> = {};
  for (const [extension, value] of Object.entries(extensions)) {
    const claim = CLAIMS.get(extension);
    if (claim === undefined || /[*?]/.test(value)) {
      lose(context, [...path, extension], "stricter", "no claim here expresses it; it accepts no image");
      return undefined;
    }
    claims[claim] = claim === REPOSITORY && !value.includes("://") ? `https://github.com/${value}` : value;
  }
  return claims;
}

/** Another log than the public one would need its key in a trust root. */
function isPublicLog(
  context: ImportContext,
  { rekor, ctlog }: Pick<Keyless, "rekor" | "ctlog">,
  path: Path,
): boolean {
  const isOwn =
    (rekor?.url !== undefined && !PUBLIC_REKOR.test(rekor.url)) ||
    rekor?.pubkey !== undefined ||
    ctlog?.pubkey !== undefined ||
    ctlog?.tsaCertChain !== undefined;
  if (isOwn) lose(context, path, "stricter", "its own log needs its own trusted root; it accepts no image");
  return !isOwn;
}

function nobody(context: ImportContext, label: string, path: Path): string {
  return addAuthority(context, label, undefined, path);
}
