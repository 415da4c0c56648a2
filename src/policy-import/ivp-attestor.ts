import { z } from "zod";

import { addAuthority, type ImportContext, isAccepted, lose } from "./draft.ts";
import type { Path } from "./incompatibility.ts";
import { identityAuthority, keyAuthorities, trustRootFor } from "./signers.ts";

const PUBLIC_REKOR = /^https:\/\/rekor\.sigstore\.dev\/?$/;
const Text = z.string().optional();
const Identity = z.looseObject({ issuer: Text, subject: Text, issuerRegExp: Text, subjectRegExp: Text });
const Cosign = z.looseObject({
  key: z
    .looseObject({
      data: Text,
      kms: Text,
      hashAlgorithm: Text,
      expression: Text,
      secretRef: z.looseObject({ name: z.string(), namespace: Text }).optional(),
    })
    .optional(),
  keyless: z
    .looseObject({ identities: z.array(Identity).default([]), roots: z.unknown().optional() })
    .optional(),
  certificate: z.unknown().optional(),
  source: z.unknown().optional(),
  ctlog: z
    .looseObject({
      url: Text,
      rekorPubKey: Text,
      ctLogPubKey: Text,
      tsaCertChain: Text,
      insecureIgnoreTlog: z.boolean().optional(),
      insecureIgnoreSCT: z.boolean().optional(),
    })
    .optional(),
  tuf: z.unknown().optional(),
  annotations: z.record(z.string(), z.string()).default({}),
});
type Cosign = z.output<typeof Cosign>;

/** A declared signer of an ImageValidatingPolicy. */
export const Attestor = z.looseObject({
  name: z.string(),
  cosign: Cosign.optional(),
  notary: z.unknown().optional(),
});

/** The authorities of ours by the name of their attestor: any one of them represents it. */
export function attestorTable(
  context: ImportContext,
  attestors: readonly z.output<typeof Attestor>[],
): Map<string, string[]> {
  return new Map(
    attestors.map(({ name, cosign }, at) => {
      const path: Path = ["spec", "attestors", at];
      if (cosign !== undefined) return [name, cosignNames(context, name, cosign, [...path, "cosign"])];
      lose(context, path, "stricter", "Notary signatures are not verified; it accepts no image");
      return [name, [addAuthority(context, name, undefined, path)]];
    }),
  );
}

function cosignNames(context: ImportContext, name: string, cosign: Cosign, path: Path): string[] {
  const { key, keyless, ctlog } = cosign;
  if (cosign.source !== undefined)
    lose(
      context,
      [...path, "source"],
      "stricter",
      "signatures are searched next to the image, not in another repository",
    );
  if (!isSayable(context, cosign, path)) return [addAuthority(context, name, undefined, path)];
  if (key !== undefined) {
    const logged = ctlog?.insecureIgnoreTlog !== true;
    return keyAuthorities(context, name, { pem: key.data, secret: key.secretRef, logged }, [...path, "key"]);
  }
  if (keyless !== undefined && keyless.identities.length > 0)
    return keylessNames(context, name, cosign, path);
  lose(context, path, "stricter", "it names neither a key nor identities; it accepts no image");
  return [addAuthority(context, name, undefined, path)];
}

function keylessNames(
  context: ImportContext,
  name: string,
  { keyless, ctlog }: Cosign,
  path: Path,
): string[] {
  if (ctlog?.insecureIgnoreTlog === true || ctlog?.insecureIgnoreSCT === true)
    lose(
      context,
      [...path, "ctlog"],
      "stricter",
      "a log entry and a certificate timestamp are always required",
    );
  const trustRoot = trustRootFor(context, {});
  return keyless!.identities.map((identity, at) =>
    identityAuthority(context, { name, trustRoot }, identity, [...path, "keyless", "identities", at]),
  );
}

const OWN_LOG = "its own log needs its own trusted root";
/** What no authority of ours can say, wherever it is. */
const OBSTACLES: readonly (readonly [path: Path, why: string])[] = [
  [["key", "kms"], "keys are not read from a KMS; write the public half into the policy"],
  [["key", "expression"], "expressions are not evaluated; write the key into the policy"],
  [["keyless", "roots"], "a CA alone is not a trust root here"],
  [["certificate"], "certificates are not an authority here"],
  [["tuf"], "another instance needs its trusted root"],
  [["ctlog", "rekorPubKey"], OWN_LOG],
  [["ctlog", "ctLogPubKey"], OWN_LOG],
  [["ctlog", "tsaCertChain"], OWN_LOG],
];

/** Whether our policy can say whom an attestor means, at all. */
function isSayable(context: ImportContext, cosign: Cosign, path: Path): boolean {
  const annotated = Object.keys(cosign.annotations).length > 0;
  const accepted =
    !annotated || isAccepted(context, [...path, "annotations"], "annotations of signatures are not compared");
  const met = OBSTACLES.filter(([at]) => valueAt(cosign, at) !== undefined);
  const log = cosign.ctlog?.url;
  const obstacles =
    log === undefined || PUBLIC_REKOR.test(log) ? met : [...met, [["ctlog", "url"], OWN_LOG] as const];
  for (const [at, why] of obstacles)
    lose(context, [...path, ...at], "stricter", `${why}; it accepts no image`);
  return obstacles.length === 0 && accepted;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      typeof here === "object" && here !== null ? (here as Record<string, unknown>)[key] : undefined,
    value,
  );
}
