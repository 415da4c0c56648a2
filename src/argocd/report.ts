import { z } from "zod";

import { denial, oneLine } from "../admission/index.ts";
import {
  EXIT,
  type Fault,
  FAULTS,
  mayPassLater,
  type Mode,
  type Objection,
  printable,
  type Verdict,
  type Waived,
} from "../core/index.ts";
import type { NamespaceVerdict } from "./target/judge-target.ts";
import { type RolloutWindow, waiversAhead } from "./target/waivers-ahead.ts";

/** Version of the report; a change that readers must know of raises it. */
const VERSION = 1;
const MAX_REASON = 2048;
const MAX_IMAGES = 1000;
const MAX_NOTES = 5;

/** Exit codes of the hook by decision, those of every command that judges. */
export const HOOK_EXIT = {
  allowed: EXIT.allowed,
  refused: EXIT.refused,
  unknown: EXIT.unknown,
  setup: EXIT.usage,
} as const;

const Image = z.object({
  image: z.string(),
  namespace: z.string(),
  decision: z.enum(["allow", "warn", "deny"]),
  codes: z.array(z.string()),
  /** Empty where nothing speaks against it. */
  sentence: z.string(),
});

/** What the gate answers about a sync, and what `mc presync -o json` prints. */
export const Report = z.object({
  version: z.int(),
  decision: z.enum(["allowed", "refused", "unknown", "setup"]),
  exitCode: z.union([z.literal(0), z.literal(10), z.literal(11), z.literal(12)]),
  /** Whether the same question may be answered otherwise in a moment. */
  retry: z.boolean(),
  /** One or more sentences for people; what the termination message holds. */
  reason: z.string(),
  /** The first 1,000, those that something speaks against before the others. */
  images: z.array(Image),
  warnings: z.array(z.string()),
});
export type Report = z.infer<typeof Report>;
/** What was found of one image in one namespace. */
export type ReportedImage = z.infer<typeof Image>;

/** The report on a target: a sentence for each image, one decision over all, and what was not checked. Pure. */
export function reportOn(
  verdicts: readonly NamespaceVerdict[],
  window: RolloutWindow,
  notes: readonly string[] = [],
): Report {
  const images = verdicts.flatMap(imagesIn).toSorted((a, b) => weight(b) - weight(a));
  const denied = verdicts.filter(({ verdict }) => verdict.decision === "deny");
  const objections = denied.flatMap(({ verdict }) => verdict.objections);
  const expired = denied.flatMap(({ verdict }) => verdict.expired ?? []);
  const decision = decisionOn(objections, denied.length > 0);
  const advisory = images
    .filter((each) => each.decision === "warn")
    .map(({ sentence }) => `advisory: ${oneLine(sentence)}`);
  return {
    version: VERSION,
    decision,
    exitCode: HOOK_EXIT[decision],
    retry: decision === "unknown" && objections.some(mayPassLater),
    reason: decision === "allowed" ? allowedReason(images, notes) : refusal(objections, expired),
    images: images.slice(0, MAX_IMAGES),
    warnings: [...waiversAhead(verdicts, window), ...advisory].slice(0, MAX_IMAGES),
  };
}

/**
 * The report where no target could be judged. The mode is that of the namespaces which the sync is about: `advisory` allows
 * with a warning, `off` allows.
 */
export function reportOnFault({ code, message, advice }: Fault, mode: Mode): Report {
  const { fix, retry } = { ...FAULTS[code], ...advice };
  const reason = `${printable(message, MAX_REASON - 400)} [${code}]. ${fix}`;
  if (mode === "enforce")
    return { ...WITHOUT_IMAGES, decision: "unknown", exitCode: HOOK_EXIT.unknown, retry, reason };
  return {
    ...WITHOUT_IMAGES,
    decision: "allowed",
    exitCode: HOOK_EXIT.allowed,
    retry: false,
    reason: `not checked, since the mode is ${mode}: ${reason}`,
    warnings: mode === "advisory" ? [`advisory: ${reason}`] : [],
  };
}

/** The report to a caller that is not a hook, or a wrong one. */
export function reportOnSetup(text: string): Report {
  const reason = printable(text, MAX_REASON);
  return { ...WITHOUT_IMAGES, decision: "setup", exitCode: HOOK_EXIT.setup, retry: false, reason };
}

const WITHOUT_IMAGES = { version: VERSION, images: [], warnings: [] };

/** A finding is an answer; where only faults speak against it, the next attempt may pass. */
function decisionOn(objections: readonly Objection[], isDenied: boolean): "allowed" | "refused" | "unknown" {
  if (!isDenied) return "allowed";
  return objections.some(({ kind }) => kind === "finding") ? "refused" : "unknown";
}

/** Findings first: they are what the person can fix. */
function refusal(objections: readonly Objection[], expired: readonly Waived[]): string {
  return denial({
    expired,
    objections: objections.toSorted((a, b) => Number(a.kind === "fault") - Number(b.kind === "fault")),
  });
}

function allowedReason(images: readonly ReportedImage[], notes: readonly string[]): string {
  const shown = notes.slice(0, MAX_NOTES);
  const rest = notes.length > shown.length ? [`and ${notes.length - shown.length} more notes`] : [];
  return printable([`${images.length} image(s) checked`, ...shown, ...rest].join("; "), MAX_REASON);
}

function imagesIn({ namespace, verdict }: NamespaceVerdict): ReportedImage[] {
  return verdict.judged.map(({ image }) => {
    const against = verdict.objections.filter(
      ({ subject }) => subject === undefined || subject.image === image,
    );
    return {
      image: printable(image, 800),
      namespace,
      decision: against.length === 0 ? "allow" : verdict.decision,
      codes: [...new Set(against.map(({ code }) => code))],
      sentence:
        against.length === 0 ? "" : denial({ objections: against, expired: expiredOf(verdict, image) }),
    };
  });
}

function expiredOf({ expired = [] }: Verdict, image: string): readonly Waived[] {
  return expired.filter(({ finding }) => finding.subject.image === image);
}

function weight({ decision }: ReportedImage): number {
  return ["allow", "warn", "deny"].indexOf(decision);
}
