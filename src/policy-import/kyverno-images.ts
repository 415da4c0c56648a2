import { z } from "zod";

import { attestationRequirement } from "./attestation.ts";
import { Conditions, conditionsExpression } from "./conditions.ts";
import {
  type ImportContext,
  expressionProblem,
  isAccepted,
  lose,
  refusal,
  type Requirement,
  type Signers,
} from "./draft.ts";
import type { Path } from "./incompatibility.ts";
import { AttestorSet, signersOf } from "./kyverno-attestor.ts";

const Text = z.string().optional();
const Attestation = z.looseObject({
  name: Text,
  type: Text,
  predicateType: Text,
  attestors: z.array(AttestorSet).default([]),
  conditions: Conditions.default([]),
});
type Attestation = z.output<typeof Attestation>;

/** One entry of `verifyImages`. */
export const ImageVerification = z
  .looseObject({
    type: Text,
    image: Text,
    imageReferences: z.array(z.string()).default([]),
    attestors: z.array(AttestorSet).default([]),
    attestations: z.array(Attestation).default([]),
    mutateDigest: z.boolean().default(true),
    verifyDigest: z.boolean().default(true),
    required: z.boolean().default(true),
    failureAction: Text,
    key: Text,
    issuer: Text,
    subject: Text,
    roots: Text,
    validate: z.unknown().optional(),
    skipImageReferences: z.unknown().optional(),
    repository: Text,
    imageRegistryCredentials: z.unknown().optional(),
    useCache: z.unknown().optional(),
    cosignOCI11: z.unknown().optional(),
  })
  .refine(({ image, imageReferences }) => image !== undefined || imageReferences.length > 0, {
    message: "it names no images",
  });
type ImageVerification = z.output<typeof ImageVerification>;

/** The image patterns, the older spelling included. */
export function patternsOf({ image, imageReferences }: ImageVerification): readonly string[] {
  return image === undefined ? imageReferences : [...imageReferences, image];
}

/** Everything that one entry asks of its images. Empty where it asks nothing. */
export function imageRequirements(
  context: ImportContext,
  verification: ImageVerification,
  path: Path,
): Requirement[] {
  noteSettings(context, verification, path);
  const { type = "Cosign" } = verification;
  if (type === "Notary") {
    lose(
      context,
      [...path, "type"],
      "stricter",
      "Notary signatures are not verified; the rule refuses everything",
    );
    return [refusal(context)];
  }
  const conditions = "its conditions are not converted";
  if (verification.validate !== undefined && !isAccepted(context, [...path, "validate"], conditions))
    return [refusal(context)];
  const sets = [...verification.attestors, ...olderAttestor(verification)];
  const signers = sets.map((set, at) => signersOf(context, set, [...path, "attestors", at]));
  const pinned: Requirement[] = verification.verifyDigest
    ? [{ gate: "reference", settings: { pinned: true } }]
    : [];
  const attested = verification.attestations.flatMap((each, at) =>
    attestationRequirements(context, each, { path: [...path, "attestations", at], fallback: signers }),
  );
  return [
    ...pinned,
    ...signers.map((settings): Requirement => ({ gate: "signature", settings })),
    ...attested,
  ];
}

/** An attestation that names no one may be by anyone there; here it is by those who sign the image. */
function attestationRequirements(
  context: ImportContext,
  attestation: Attestation,
  { path, fallback }: { readonly path: Path; readonly fallback: readonly Signers[] },
): Requirement[] {
  const type = attestation.type ?? attestation.predicateType;
  const own = attestation.attestors.map((set, at) => signersOf(context, set, [...path, "attestors", at]));
  if (own.length === 0)
    lose(context, path, "stricter", "it names no attestors; those of the image must have signed it");
  const by = own.length > 0 ? own : fallback;
  const asked = conditionsOf(context, attestation, [...path, "conditions"]);
  if (type === undefined || by.length === 0 || asked === "refuse") return [refusal(context)];
  return by.flatMap((signers) => attestationRequirement(context, { type, signers, ...asked }, path));
}

/** What conditions come to: an expression, nothing, or that nothing may pass. */
type Condition = { readonly expression: string | undefined } | "refuse";

function conditionsOf(context: ImportContext, { conditions }: Attestation, path: Path): Condition {
  if (conditions.length === 0) return { expression: undefined };
  const expression = conditionsExpression(conditions);
  const problem =
    expression === undefined
      ? "they contain more than comparisons of the predicate with constants"
      : expressionProblem(expression);
  if (problem !== undefined) {
    return isAccepted(context, path, `its conditions are not converted: ${problem}`)
      ? { expression: undefined }
      : "refuse";
  }
  lose(
    context,
    path,
    "differs",
    "the newest attestation of each signer must meet them; in Kyverno every one must",
  );
  return { expression };
}

/** `key`, or `issuer` and `subject`, as they were written before there were attestors. */
function olderAttestor({ key, issuer, subject, roots }: ImageVerification): z.output<typeof AttestorSet>[] {
  if (key !== undefined) return [AttestorSet.parse({ entries: [{ keys: { publicKeys: key } }] })];
  if (issuer === undefined && subject === undefined && roots === undefined) return [];
  return [AttestorSet.parse({ entries: [{ keyless: { issuer, subject, roots } }] })];
}

function noteSettings(context: ImportContext, verification: ImageVerification, path: Path): void {
  const { mutateDigest, verifyDigest, required, failureAction } = verification;
  const note = (key: string, why: string): void => lose(context, [...path, key], "stricter", why);
  if (mutateDigest)
    note("mutateDigest", "nothing is mutated: a tag is refused; mc pin writes digests into manifests");
  else if (!verifyDigest) note("verifyDigest", "images are named by digest wherever the mode is enforce");
  if (!required) note("required", "what the rule requires must always hold");
  if (failureAction?.toLowerCase() === "audit")
    note("failureAction", "it only reports; the rule refuses wherever the mode is enforce");
  if (verification.skipImageReferences !== undefined)
    note("skipImageReferences", "the rule applies to these images, too");
  if (verification.repository !== undefined)
    note("repository", "signatures are searched next to the image, not in another repository");
  const credentials = "credentials belong in the gate's registry settings";
  if (verification.imageRegistryCredentials !== undefined)
    lose(context, [...path, "imageRegistryCredentials"], "none", credentials);
}
