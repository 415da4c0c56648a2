import { z } from "zod";

import { Instant, isSamePerson, isUnambiguousName, lineOf, Person } from "../core/index.ts";
import { ApiVersion } from "../documents/index.ts";

/** Longest time that enforcement is off by one switch, ms. */
export const MAX_SWITCH_MS = 24 * 3_600_000;
/** How long after its end a switch must not be repeated unconfirmed, and its entry stays in the document, ms. */
export const REPEAT_MS = 24 * 3_600_000;
const MAX = 256;

const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "An id is 1 to 64 letters, digits, dots, dashes and underscores.",
  );
const NamespaceName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, "Not the name of a namespace.");

/** One switch as it is written: where enforcement is off, by whom, why, and until when. */
export const SwitchDocument = z
  .strictObject({
    id: Id.describe("Stable name, shown in every decision made under it."),
    namespace: NamespaceName.optional().describe(
      "The only namespace in which enforcement is off; all of them if neither namespace nor rule is named.",
    ),
    rule: lineOf(128).optional().describe("The only policy rule whose refusals become warnings, everywhere."),
    by: Person.describe("The user, as the API server knows them, who switched enforcement off."),
    reason: z
      .string()
      .min(10, "Give a reason of at least 10 characters.")
      .max(500)
      .pipe(lineOf(500))
      .describe("Why."),
    ticket: lineOf(200).describe("Where the incident is tracked."),
    from: Instant.describe("When it was switched off."),
    until: Instant.describe(
      "First instant at which enforcement is back, at most 24 hours after `from`. It may only move earlier.",
    ),
    confirmed: z
      .strictObject({
        by: Person.describe("The user, as the API server knows them, who confirmed it: another person."),
        at: Instant.describe("When."),
      })
      .optional()
      .describe("The second person. Without one it can be neither renewed nor repeated within a day."),
  })
  .superRefine((entry, context) => {
    for (const [rule, message] of broken(entry))
      context.addIssue({ code: "custom", params: { rule }, message });
  });
export type SwitchDocument = z.output<typeof SwitchDocument>;

/** The document as it is written, in the order of time. Read whole or not at all. */
export const EnforcementDocument = z
  .strictObject({
    apiVersion: ApiVersion,
    switches: z
      .array(SwitchDocument)
      .max(MAX)
      .describe("Every time that enforcement was switched off, each kept for at least a day after its end."),
  })
  .superRefine(({ switches }, context) => {
    for (const { at, rule, message } of brokenList(switches)) {
      const path = ["switches", at, rule === "duplicate-id" ? "id" : "from"];
      context.addIssue({ code: "custom", path, params: { rule }, message });
    }
  });

type Shape = Omit<SwitchDocument, "reason" | "ticket">;

/** What no field can check alone. */
function* broken({
  namespace,
  rule,
  by,
  from,
  until,
  confirmed,
}: Shape): Generator<[rule: string, message: string]> {
  if (namespace !== undefined && rule !== undefined)
    yield ["one-scope", "Name a namespace or a rule, not both."];
  if (until <= from) yield ["ends-before-it-starts", "It ends before it begins."];
  if (until.getTime() - from.getTime() > MAX_SWITCH_MS)
    yield ["too-long", "It lasts for more than 24 hours; end it earlier, and have it confirmed to renew it."];
  if (confirmed === undefined) return;
  if (isSamePerson(confirmed.by, by))
    yield ["own-confirmation", `${confirmed.by} switched it off and cannot confirm it; ask another person.`];
  if (!isUnambiguousName(confirmed.by) || !isUnambiguousName(by))
    yield ["ambiguous-name", "Two people must be told apart: a confirmed switch names both in ASCII."];
}

interface BrokenEntry {
  readonly at: number;
  readonly rule: string;
  readonly message: string;
}

function* brokenList(switches: readonly SwitchDocument[]): Generator<BrokenEntry> {
  const seen = new Set<string>();
  for (const [at, entry] of switches.entries()) {
    if (seen.has(entry.id)) yield { at, rule: "duplicate-id", message: "Another switch has this id, too." };
    seen.add(entry.id);
    const before = switches.find((other) => other !== entry && isUnconfirmedBefore(other, entry));
    if (before === undefined) continue;
    const message = `It renews or repeats ${before.id}, which a second person has to confirm first.`;
    yield { at, rule: "unconfirmed-repetition", message };
  }
}

/** Whether `entry` renews or repeats `other`, which only one person has answered for. */
function isUnconfirmedBefore(other: SwitchDocument, entry: SwitchDocument): boolean {
  return other.confirmed === undefined && repeats(entry, other);
}

/** Whether a switch is off where an earlier one was within the day before. */
export function repeats(entry: Shape, earlier: Shape): boolean {
  const isLater = entry.from >= earlier.from && entry.id !== earlier.id;
  return isLater && overlaps(entry, earlier) && entry.from.getTime() < earlier.until.getTime() + REPEAT_MS;
}

/** Two different namespaces, and two different rules, have nothing in common; a namespace and a rule have. */
function overlaps(one: Shape, other: Shape): boolean {
  if (one.namespace !== undefined && other.namespace !== undefined) return one.namespace === other.namespace;
  return one.rule === undefined || other.rule === undefined || one.rule === other.rule;
}
