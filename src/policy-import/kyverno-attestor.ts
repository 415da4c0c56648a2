import { z } from "zod";

import { addAuthority, type Desk, isAccepted, lose, type Signers } from "./draft.ts";
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
  ["githubWorkflowTrigger", "trigger"],
  ["githubWorkflowName", "workflowName"],
  ["githubWorkflowRef", "sourceRef"],
  ["githubWorkflowRepository", "sourceRepository"],
]);
const REPOSITORY = "sourceRepository";

/** What a set of attestors asks for. */
export function signersOf(desk: Desk, set: AttestorSet, path: Path): Signers {
  const [only] = set.entries;
  if (set.entries.length === 1 && only!.attestor !== undefined) {
    const nested = AttestorSet.safeParse(only!.attestor);
    if (nested.success) return signersOf(desk, nested.data, [...path, "entries", 0, "attestor"]);
  }
  const names = set.entries.flatMap((entry, at) => entryNames(desk, entry, [...path, "entries", at]));
  const least = set.count === undefined || set.count === 0 ? names.length : set.count;
  if (least === 1) return { anyOf: names };
  if (least >= names.length) return { allOf: names };
  return { threshold: { least, of: names } };
}

function entryNames(desk: Desk, entry: Entry, path: Path): string[] {
  const label = path.filter((part) => typeof part === "number").join("-");
  if (entry.repository !== undefined)
    lose(
      desk,
      [...path, "repository"],
      "stricter",
      "signatures are looked for beside the image, in no other repository",
    );
  const annotated = Object.keys(entry.annotations).length > 0;
  const why = "annotations of signatures are not compared";
  if (annotated && !isAccepted(desk, [...path, "annotations"], why)) return [nobody(desk, label, path)];
  if (entry.keys !== undefined) return keyNames(desk, label, entry.keys, [...path, "keys"]);
  if (entry.keyless !== undefined) return [keylessName(desk, label, entry.keyless, [...path, "keyless"])];
  const what =
    entry.attestor === undefined
      ? "certificates are no authority of ours"
      : "a set within a set cannot be said";
  lose(desk, path, "stricter", `${what}; nothing passes in its name`);
  return [nobody(desk, label, path)];
}

function keyNames(desk: Desk, label: string, keys: NonNullable<Entry["keys"]>, path: Path): string[] {
  const { rekor, publicKeys = "", secret, kms } = keys;
  const inSecret = /^k8s:\/\/([^/]+)\/([^/]+)$/.exec(publicKeys.trim());
  if (kms !== undefined || /^(?:\w+kms|hashivault|azurekms|awskms|gcpkms):\/\//.test(publicKeys.trim())) {
    lose(
      desk,
      path,
      "stricter",
      "keys are not read from a KMS; write the public half into the policy. Nothing passes in its name",
    );
    return [nobody(desk, label, path)];
  }
  if (publicKeys.includes("{{")) {
    lose(
      desk,
      path,
      "stricter",
      "variables are not looked up; write the key into the policy. Nothing passes in its name",
    );
    return [nobody(desk, label, path)];
  }
  if (!isPublicLog(desk, keys, path)) return [nobody(desk, label, path)];
  const named = inSecret === null ? secret : { namespace: inSecret[1]!, name: inSecret[2]! };
  const logged = rekor?.ignoreTlog !== true;
  return keyAuthorities(
    desk,
    label,
    { pem: named === undefined ? publicKeys : undefined, secret: named, logged },
    path,
  );
}

function keylessName(desk: Desk, label: string, keyless: Keyless, path: Path): string {
  const { roots, rekor, ctlog } = keyless;
  if (roots !== undefined)
    lose(
      desk,
      [...path, "roots"],
      "stricter",
      "a CA alone is no trust root of ours; nothing passes in its name",
    );
  if (rekor?.ignoreTlog === true || ctlog?.ignoreSCT === true)
    lose(desk, path, "stricter", "a log entry and a certificate timestamp are always asked for");
  const claims = claimsOf(desk, keyless.additionalExtensions, [...path, "additionalExtensions"]);
  const known = isPublicLog(desk, keyless, path) && roots === undefined && claims !== undefined;
  const trustRoot = known ? trustRootFor(desk, {}) : undefined;
  return identityAuthority(desk, { name: label, trustRoot, claims, wildcards: true }, keyless, path);
}

/** Claims of ours for the certificate extensions; undefined where there is none for one of them. */
function claimsOf(
  desk: Desk,
  extensions: Readonly<Record<string, string>>,
  path: Path,
): Record<string, string> | undefined {
  const claims: Record<string, string> = {};
  for (const [extension, value] of Object.entries(extensions)) {
    const claim = CLAIMS.get(extension);
    if (claim === undefined || /[*?]/.test(value)) {
      lose(desk, [...path, extension], "stricter", "no claim of ours says it; nothing passes in its name");
      return undefined;
    }
    claims[claim] = claim === REPOSITORY && !value.includes("://") ? `https://github.com/${value}` : value;
  }
  return claims;
}

/** Another log than the public one would need its key in a trust root. */
function isPublicLog(desk: Desk, { rekor, ctlog }: Pick<Keyless, "rekor" | "ctlog">, path: Path): boolean {
  const isOwn =
    (rekor?.url !== undefined && !PUBLIC_REKOR.test(rekor.url)) ||
    rekor?.pubkey !== undefined ||
    ctlog?.pubkey !== undefined ||
    ctlog?.tsaCertChain !== undefined;
  if (isOwn)
    lose(
      desk,
      path,
      "stricter",
      "a log of its own needs a trusted root of its own; nothing passes in its name",
    );
  return !isOwn;
}

function nobody(desk: Desk, label: string, path: Path): string {
  return addAuthority(desk, label, undefined, path);
}
