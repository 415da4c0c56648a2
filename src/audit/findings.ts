import { fixOf, type Objection, printable, type Verdict, type Waived } from "../core/index.ts";
import type { WhatRuns } from "./what-runs.ts";

/** What an audit can find of an image, the most urgent first. */
const FINDING_KINDS = [
  "revoked",
  "differs",
  "waiver-ended",
  "too-old",
  "refused",
  "unknown",
  "ends-soon",
  "static",
] as const;
/** See FINDING_KINDS. */
export type FindingKind = (typeof FINDING_KINDS)[number];

const MAX_MESSAGE = 600;

/** Something about an image that runs. */
export interface AuditFinding {
  readonly kind: FindingKind;
  /** Of the gate, or `audit/…`. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const OWN = {
  "audit/differs":
    "Find out how it came there: roll the workload out again, or drain the node and inspect its images.",
  "audit/no-digest":
    "Let its node pull it from a registry by digest: what has no repository digest cannot be judged.",
  "audit/static":
    "Nothing to do if it is meant: look after the files of the kubelet, since no admission sees them first.",
} as const;

/** What is found of an image by its verdicts now and at the horizon, and by what its node says. */
export function findingsOf(
  { differs, unknown }: WhatRuns,
  now: Verdict,
  { later, isStatic }: { readonly later: Verdict | undefined; readonly isStatic: boolean },
): AuditFinding[] {
  const found = [
    ...now.objections.map((each) => ofObjection(kindOf(each, now), each)),
    ...(later?.objections ?? []).map((each) => ofObjection("ends-soon", each, endingOf(each, later!))),
    ...(differs === undefined ? [] : [own("differs", "audit/differs", differs)]),
    ...(unknown === undefined ? [] : [ofUnknown(unknown)]),
    ...(isStatic
      ? [own("static", "audit/static", "a file of its node makes it run, which admission does not see")]
      : []),
  ];
  return found.toSorted((one, other) => rankOf(one.kind) - rankOf(other.kind));
}

/** How urgent it is: 0 is the most urgent. */
export function rankOf(kind: FindingKind): number {
  return FINDING_KINDS.indexOf(kind);
}

function own(kind: FindingKind, code: keyof typeof OWN, message: string): AuditFinding {
  return { kind, code, message, fix: OWN[code] };
}

function ofUnknown({ code, message }: NonNullable<WhatRuns["unknown"]>): AuditFinding {
  const fix = code === "audit/no-digest" ? OWN[code] : "Let its registry answer, and audit again.";
  return { kind: "unknown", code, message, fix };
}

function ofObjection(kind: FindingKind, objection: Objection, more = ""): AuditFinding {
  const message = printable(`${objection.message}${more}`, MAX_MESSAGE);
  return { kind, code: objection.code, message, fix: fixOf(objection) };
}

/** Why it counts now what did not when it was admitted. */
function kindOf(objection: Objection, { expired = [] }: Verdict): FindingKind {
  if (objection.kind === "fault") return "unknown";
  if (objection.code.startsWith("revocation/")) return "revoked";
  if (waiverOf(objection, expired) !== undefined) return "waiver-ended";
  return /\/(?:scan-stale|too-old)$/.test(objection.code) ? "too-old" : "refused";
}

function endingOf(objection: Objection, { expired = [] }: Verdict): string {
  const ended = waiverOf(objection, expired)?.waiver;
  return ended === undefined ? "" : `; waiver ${ended.id} ends ${ended.until.toISOString()}`;
}

/** The objection of a verdict is that of the waiver, or says more than it. */
function waiverOf(objection: Objection, expired: readonly Waived[]): Waived | undefined {
  return expired.find(({ finding }) => finding.code === objection.code);
}
