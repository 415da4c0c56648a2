import {
  type Attachment,
  type Attestation,
  COSIGN_SIGN,
  type Digest,
  predicateHint,
  printable,
  type Proof,
  type Rejection,
  type Signature,
} from "../core/index.ts";
import { type Claim, FORMATS, type Opened } from "./formats/index.ts";
import { LIMITS } from "./limits.ts";
import { extractOf, predicateTextOf } from "./predicates/index.ts";
import { asRejected, Rejected } from "./rejected.ts";
import type { Material } from "./sigstore/material.ts";
import { type Proved, prove } from "./sigstore/prove.ts";

/** What one attachment turned out to be, once for each trust root that vouches for it. Plain data: it crosses from worker threads. */
export type Outcome =
  | { readonly kind: "signature"; readonly signatures: readonly Signature[] }
  | { readonly kind: "attestation"; readonly attestations: readonly Attestation[] }
  | { readonly kind: "rejection"; readonly rejection: Rejection };

/** What an attachment is checked against in addition to the trust material. */
export interface About {
  readonly subject: Digest;
  /** Predicate types whose text is kept, for rules that read it. */
  readonly predicateTexts: readonly string[];
}

/** Opens and verifies one attachment. Never throws: what is not evidence is a rejection with its reason. */
export function verifyAttachment(attachment: Attachment, about: About, material: Material): Outcome {
  let opened: Opened | undefined;
  try {
    if (attachment.bytes.byteLength > LIMITS.attachmentBytes) {
      throw new Rejected("too-large", "the attachment is too large");
    }
    opened = FORMATS[attachment.form].open(attachment, about.subject);
    const { form, digest } = attachment;
    const proofs = prove(opened, material).map((proof) => ({ ...proof, form, attachment: digest }));
    return outcomeOf(opened, proofs, about);
  } catch (error) {
    return rejection(attachment, asRejected(error), opened?.claim);
  }
}

/** An attachment that is not evidence. `claims` is what it says of itself, where it could be opened. */
export function rejection(
  attachment: Attachment,
  { reason, message }: Pick<Rejected, "reason" | "message">,
  claim?: Claim,
): Outcome {
  const { form, digest, annotations } = attachment;
  const claims = claim?.kind ?? FORMATS[form].presents(attachment);
  const predicateType = claim === undefined ? predicateHint(annotations) : typeOf(claim);
  return {
    kind: "rejection",
    rejection: {
      form,
      attachment: digest,
      claims,
      reason,
      message: printable(message, 200),
      ...(predicateType !== undefined && { predicateType }),
    },
  };
}

function typeOf(claim: Claim): string {
  return claim.kind === "signature" ? COSIGN_SIGN : claim.predicateType;
}

function outcomeOf(
  { claim }: Opened,
  proofs: readonly (Proved & Pick<Proof, "form" | "attachment">)[],
  about: About,
): Outcome {
  if (claim.kind === "signature") {
    const { dockerReference } = claim;
    const named = dockerReference !== undefined && { dockerReference };
    return { kind: "signature", signatures: proofs.map((proof) => ({ ...proof, ...named })) };
  }
  const { predicateType, predicate, subjectNames } = claim;
  const extract = extractOf({ predicateType, predicate, subject: about.subject, subjectNames });
  const predicateText = about.predicateTexts.includes(predicateType) ? predicateTextOf(predicate) : undefined;
  const content = { predicateType, ...extract, ...(predicateText !== undefined && { predicateText }) };
  return { kind: "attestation", attestations: proofs.map((proof) => ({ ...proof, ...content })) };
}
