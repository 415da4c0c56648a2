import { z } from "zod";

import {
  Approval,
  deadFinding,
  Digest,
  Instant,
  lineOf,
  parseImageRef,
  Person,
  repositoryName,
  Duration,
} from "../core/index.ts";
import { ApiVersion } from "../documents/index.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * What a waiver may set aside, by the gate's name, and for how long at most, ms. Gates that are not here cannot be
 * waived: a reference, a revocation, an image that no rule covers.
 */
export const MAX_LIFE = {
  vulnerability: 30 * DAY,
  sbom: 30 * DAY,
  signature: 7 * DAY,
  provenance: 72 * HOUR,
  promotable: 72 * HOUR,
} as const;
/** A class of waivers. */
export type WaiverClass = keyof typeof MAX_LIFE;
const CLASSES = Object.keys(MAX_LIFE) as [WaiverClass, ...WaiverClass[]];

/** Characters of one signed approval: a certificate, a log entry and a timestamp take about 8,000. */
const MAX_BUNDLE = 32 * 1024;

const WaiverApproval = Approval.extend({
  bundle: z
    .string()
    .min(2, "The JSON text of a Sigstore bundle.")
    .max(MAX_BUNDLE)
    .optional()
    .describe("A Sigstore bundle over the approval payload, as JSON text: mc waivers payload prints it."),
});

const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "An id is 1 to 64 letters, digits, dots, dashes and underscores.",
  );

/** Nanoseconds as a whole number that JSON can hold exactly; more would be guessed, and a lifetime must not be. */
const Nanoseconds = z
  .number()
  .int("Beyond 2^53 nanoseconds (104 days) a number is not exact; write ttl.")
  .positive("A lifetime must be greater than zero.")
  .transform((ns) => Math.floor(ns / 1_000_000));

/** A vulnerability's id as scanners write it: `cve-2026-1111` would never match, and look as if it did. */
const FindingId = lineOf(64).superRefine((text, context) => {
  const why = deadFinding(text);
  if (why !== undefined)
    context.addIssue({
      code: "custom",
      params: { rule: "bad-finding" },
      message: `It can never match: ${why}.`,
    });
});

/** A repository as the gate names it: a waiver for `nginx` would never match, and look as if it did. */
const Repository = z.string().superRefine((text, context) => {
  const parsed = parseImageRef(text);
  const full = parsed.ok ? repositoryName(parsed.ref) : undefined;
  if (full === text) return;
  const hint = full === undefined ? "such as ghcr.io/acme/app" : `here ${full}`;
  const message = `The full name of a repository, without tag and digest, ${hint}.`;
  context.addIssue({ code: "custom", params: { rule: "bad-image" }, message });
});

/** One waiver as it is written: the full form, or the short one with digest, created, ttl_ns and owner. */
export const WaiverDocument = z.strictObject({
  id: Id.optional().describe("Stable name, shown in warnings. The short form is named after its digest."),
  class: z
    .enum(CLASSES)
    .optional()
    .describe("The gate whose findings it sets aside. The short form is of class vulnerability."),
  digest: Digest.describe("The image that it covers, and no other."),
  image: Repository.optional().describe(
    "The repository that it covers, such as ghcr.io/acme/app; if absent, any with this digest.",
  ),
  findings: z
    .array(FindingId)
    .min(1, "An empty list would set nothing aside.")
    .max(200)
    .optional()
    .describe("Vulnerability ids that it sets aside, and no others; needed for class vulnerability."),
  namespaces: z
    .array(
      z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "The name of a namespace; no globs here."),
    )
    .min(1, "An empty list would apply nowhere.")
    .max(100)
    .optional()
    .describe("Namespaces that it applies in; all if absent."),
  reason: z
    .string()
    .min(20, "Give a reason of at least 20 characters.")
    .max(2000)
    .optional()
    .describe("Why."),
  compensatingControl: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe("The compensating control in the meantime."),
  ticket: lineOf(512).optional().describe("Where the fix is tracked."),
  owner: Person.optional().describe("The owner (short form)."),
  owners: z.array(Person).min(1, "It would have no owner.").max(16).optional().describe("The owners."),
  requestedBy: Person.optional().describe("Who asked for it."),
  approvals: z.array(WaiverApproval).max(16).default([]).describe("Who approved it, in which seat."),
  created: Instant.describe("First instant at which it counts."),
  ttl: Duration.optional().describe("How long it counts, such as 7d."),
  ttl_ns: Nanoseconds.optional().describe("How long it counts, in nanoseconds (short form)."),
  expires: Instant.optional().describe(
    "First instant at which it no longer counts; the earliest of this and the lifetimes applies.",
  ),
  renews: Id.optional().describe("Id of the waiver that it follows."),
});
export type WaiverDocument = z.output<typeof WaiverDocument>;

/** A waiver before it is read: plain values, as they are in the document. */
export type WaiverEntry = z.input<typeof WaiverDocument>;

/** The document: the list of waivers, and the version of its format. */
export const WaiversDocument = z.strictObject({
  apiVersion: ApiVersion,
  waivers: z
    .array(WaiverDocument)
    .describe("The waivers; one that cannot be read or breaks a rule does not count."),
});

/** The class of a waiver; the short form has none written. */
export function classOf(waiver: WaiverDocument): WaiverClass {
  return waiver.class ?? "vulnerability";
}

/** A waiver's id; the short form is named after its digest. */
export function idOf({ id, digest }: WaiverDocument): string {
  return id ?? `short-${digest.slice(7, 19)}`;
}

const SHORT_KEYS: readonly string[] = ["digest", "created", "ttl_ns", "owner", "approvals"];

/** Whether it is the short form: nothing but digest, created, ttl_ns and owner. */
export function isShort(waiver: WaiverDocument): boolean {
  const written = Object.entries(waiver).filter(([, value]) => value !== undefined);
  return waiver.approvals.length === 0 && written.every(([key]) => SHORT_KEYS.includes(key));
}
