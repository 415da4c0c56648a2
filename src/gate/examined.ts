import type { Finding, ImageRef, Judged, Objection, Subject } from "../core/index.ts";
import type { Plan } from "../policy/index.ts";
import type { ImageFindings } from "./decide.ts";
import type { Lack } from "./readings.ts";

/** What the rules ask of an image that some of them cover. */
export type PlanOfRules = Extract<Plan, { readonly kind: "rules" }>;

/** Findings, or what has to be read first. */
export type FindingsOrLacks = ImageFindings | readonly Lack[];

/** Whether something has to be read first. */
export function isLacking(examined: FindingsOrLacks): examined is readonly Lack[] {
  return Array.isArray(examined);
}

/** Adds what speaks against an image before anything else does. What has to be read is read first. */
export function withObjections(more: readonly Objection[], examined: FindingsOrLacks): FindingsOrLacks {
  return isLacking(examined) ? examined : { ...examined, objections: [...more, ...examined.objections] };
}

/** Findings with nothing that was read of the image. */
export function bare(
  subject: Subject,
  objections: readonly Objection[],
  known: { readonly ref?: ImageRef; readonly planned?: PlanOfRules } = {},
): ImageFindings {
  return { judged: summaryOf(subject, known), objections };
}

/** What is said of an image in addition to the findings. */
export function summaryOf(
  subject: Subject,
  { ref, planned }: { readonly ref?: ImageRef; readonly planned?: PlanOfRules },
): Judged {
  const rules = planned?.rules.map(({ name }) => name) ?? [];
  return {
    image: subject.image,
    ...(ref !== undefined && { registry: ref.registry }),
    rules,
    proofs: [],
    ...(ref?.digest !== undefined && { digest: ref.digest }),
  };
}

/** A finding about an image that no digest is known of yet. */
export function finding(subject: Subject, code: Finding["code"], message: string): Finding {
  return { kind: "finding", code, subject, message };
}
