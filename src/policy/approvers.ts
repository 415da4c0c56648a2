import { z } from "zod";

import { foldName, isUnambiguousName, Person, Name } from "../core/index.ts";
import type { Authority } from "./authorities.ts";

const MAX_APPROVERS = 500;
const TWICE = "This person is listed twice.";
const AMBIGUOUS =
  "A name with non-ASCII letters cannot approve, since they can look like the letters of other names; use a login or an address.";
const SHARED = "This authority already belongs to another approver: one signature would count as two people.";

const Approver = z.strictObject({
  authority: Name.describe("The authority of this person and no one else."),
  seats: z
    .array(z.string().min(1).max(64))
    .min(1, "An empty list would let the person approve nothing.")
    .max(16)
    .describe("The roles in which the person may approve, such as devsecops."),
});

/** What the policy says of waivers. */
export const WaiverSettings = z
  .strictObject({
    requireSignedApprovals: z
      .boolean()
      .default(false)
      .describe(
        "Ignore every waiver without an approval, or with an approval that is not signed by the person it names.",
      ),
    approvers: z
      .record(Person, Approver)
      .default({})
      .describe("Who may approve waivers by signature, under the name in approvals (approvals[].by)."),
  })
  .transform((settings, context) => {
    for (const { path, rule, message } of broken(settings)) {
      context.addIssue({ code: "custom", path: [...path], params: { rule }, message });
    }
    return settings;
  });
export type WaiverSettings = z.output<typeof WaiverSettings>;

interface Broken {
  readonly path: readonly string[];
  readonly rule: string;
  readonly message: string;
}

type Settings = Pick<WaiverSettings, "requireSignedApprovals" | "approvers">;

function broken({ requireSignedApprovals, approvers }: Settings): Broken[] {
  const entries = Object.entries(approvers);
  const none = "Without approvers no waiver would ever count.";
  const many = `More than ${MAX_APPROVERS} entries.`;
  return [
    ...(requireSignedApprovals && entries.length === 0
      ? [{ path: ["requireSignedApprovals"], rule: "no-approvers", message: none }]
      : []),
    ...(entries.length > MAX_APPROVERS ? [{ path: ["approvers"], rule: "too-many", message: many }] : []),
    ...entries
      .filter(([name]) => !isUnambiguousName(name))
      .map(([name]) => ({ path: ["approvers", name], rule: "ambiguous-name", message: AMBIGUOUS })),
    ...twins(approvers),
  ];
}

/** Two names of one authority would let one signature count as two people. */
function twins(approvers: Settings["approvers"]): Broken[] {
  const seen = new Set<string>();
  return Object.entries(approvers).flatMap(([name, { authority }]) => {
    const [person, signer] = [`person ${foldName(name)}`, `signer ${authority}`];
    const found = [
      ...(seen.has(person)
        ? [{ path: ["approvers", name], rule: "duplicate-approver", message: TWICE }]
        : []),
      ...(seen.has(signer)
        ? [{ path: ["approvers", name, "authority"], rule: "shared-authority", message: SHARED }]
        : []),
    ];
    seen.add(person).add(signer);
    return found;
  });
}

/** A person who may approve, compiled. */
export interface Approver {
  readonly authority: Authority;
  readonly seats: readonly string[];
}

/** Approvers by folded name, where the policy asks for signed approvals; undefined where names suffice. */
export type Approvers = ReadonlyMap<string, Approver>;

/** Compiles the settings. Names of authorities were checked before. */
export function compileApprovers(
  { requireSignedApprovals, approvers }: WaiverSettings,
  authorities: ReadonlyMap<string, Authority>,
): Approvers | undefined {
  if (!requireSignedApprovals) return undefined;
  return new Map(
    Object.entries(approvers).map(([name, { authority, seats }]) => {
      return [foldName(name), { authority: authorities.get(authority)!, seats }] as const;
    }),
  );
}
