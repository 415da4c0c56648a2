import {
  type Attachments,
  type Attestation,
  type Evidence,
  Fault,
  type Gap,
  mergeGaps,
  type Rejection,
  type Signature,
  type TrustSnapshot,
  type Verified,
  withCopies,
} from "../core/index.ts";
import { withSharedVulnerabilities } from "./shared-vulnerabilities.ts";
import { prepare } from "./sigstore/material.ts";
import { type Outcome, verifyAttachment } from "./verify-attachment.ts";

/** What is kept of attestations in addition to the extracts. */
export interface Keep {
  /** Predicate types whose text is kept, where it is short enough; none where absent. */
  readonly predicateTexts?: readonly string[];
}

/**
 * Evidence from everything that a registry holds about a subject. Every attachment is verified on its own: one good
 * signature suffices, and a foreign or broken one is reported, never fatal, and hides nothing. Synchronous and pure;
 * `createVerifier` does the same in worker threads. Throws where the trust snapshot itself is unreadable.
 */
export function verifyAttachments(
  attachments: Attachments,
  trust: TrustSnapshot,
  now: Date,
  { predicateTexts = [] }: Keep = {},
): Evidence {
  const material = prepare(trust);
  const about = { subject: attachments.subject, predicateTexts };
  if (attachments.rest !== undefined)
    throw new Fault("internal/unexpected", "what is read in batches is verified in worker threads");
  const outcomes = attachments.found.map((each) => verifyAttachment(each, about, material));
  return evidenceFrom(attachments, outcomes, trust.generation, now);
}

/** Outcomes brought together. The one place where values become verified. */
export function evidenceFrom(
  { subject, skipped, gaps, searched, manifests, isPartial }: Attachments,
  outcomes: readonly Outcome[],
  trustGeneration: string,
  now: Date,
): Evidence {
  const signatures: (readonly Verified<Signature>[])[] = [];
  const attestations: (readonly Verified<Attestation>[])[] = [];
  const rejections: Rejection[] = skipped.map(({ form, digest, reason, message }) => {
    return { form, attachment: digest, claims: "unknown", reason, message };
  });
  for (const outcome of outcomes) {
    if (outcome.kind === "signature") signatures.push(outcome.signatures as readonly Verified<Signature>[]);
    else if (outcome.kind === "attestation")
      attestations.push(outcome.attestations as readonly Verified<Attestation>[]);
    else rejections.push(outcome.rejection);
  }
  return {
    subject,
    trustGeneration,
    collectedAt: now,
    signatures: withCopies(signatures),
    attestations: withSharedVulnerabilities(withCopies(attestations)),
    rejections,
    gaps: mergeGaps([...gaps, ...rejections.slice(skipped.length).flatMap(gapOf)]),
    searched,
    ...(manifests && { manifests }),
    ...(isPartial && { isPartial }),
  };
}

const GAP_CODES = { "too-large": "limits/exceeded", unfinished: "internal/unexpected" } as const;

/** An attachment that was not verified to its end may say anything of the type that it presents itself as. */
function gapOf({ reason, message, predicateType, attachment }: Rejection): Gap[] {
  if (reason !== "too-large" && reason !== "unfinished") return [];
  const gap: Gap = {
    code: GAP_CODES[reason],
    message: `an attachment was not verified: ${message}`,
    count: 1,
    about: [attachment],
  };
  return [{ ...gap, ...(predicateType !== undefined && { predicateType }) }];
}
