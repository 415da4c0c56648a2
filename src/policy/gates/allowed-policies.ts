import { z } from "zod";

import { deadExpression, Digest, parsePolicyUri, type SummaryPolicy, textMatcher } from "../../core/index.ts";
import type { AskingPolicy } from "./gate.ts";
import { list } from "./messages.ts";

const MAX = 32;

const AllowedPolicy = z
  .strictObject({
    uri: textMatcher(deadExpression).optional().describe("The policy's address."),
    digests: z
      .array(Digest)
      .min(1, "An empty list would accept nothing.")
      .max(MAX)
      .optional()
      .describe("The policy's digests; any, if absent."),
  })
  .refine(({ uri, digests }) => uri !== undefined || digests !== undefined, {
    params: { rule: "empty-policy-match" },
    message: "An empty entry would accept every policy; give its uri, its digests, or both.",
  });

/** Against which policies an image may have been verified. */
export const AllowedPolicies = z.union([
  z.literal("inForce"),
  z.array(AllowedPolicy).min(1, "An empty list would accept nothing.").max(MAX),
]);
export type AllowedPolicies = z.output<typeof AllowedPolicies>;

/** Namespaces by whose rules an image may have been judged. */
export const JudgedFor = z
  .array(z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, "Not the name of a namespace."))
  .min(1, "An empty list would accept nothing.")
  .max(MAX);

/** What a summary's policy has to be. */
export interface WantedPolicy {
  /** Any, where absent. */
  readonly allowed: AllowedPolicies | undefined;
  /** That in which the image is to run, where absent. */
  readonly judgedFor: readonly string[] | undefined;
  readonly namespace: string;
  readonly asking: AskingPolicy;
}

/** Whether one of the policies that a summary names is allowed; `inForce` is the policy that asks. */
export function acceptsPolicy(named: readonly SummaryPolicy[], wanted: WantedPolicy): boolean {
  if (named.length === 0) return wanted.allowed === undefined && wanted.judgedFor === undefined;
  return named.some((each) => isAllowed(each, wanted) && isFor(each, wanted));
}

function isAllowed({ uri, digest }: SummaryPolicy, { allowed, asking }: WantedPolicy): boolean {
  if (allowed === undefined) return true;
  if (allowed === "inForce") return digest === asking.digest;
  const address = uri === undefined ? undefined : parsePolicyUri(uri).uri;
  return allowed.some((each) => {
    const isSameUri = each.uri === undefined || (address !== undefined && each.uri.matches(address));
    return isSameUri && (each.digests === undefined || each.digests.some((wanted) => wanted === digest));
  });
}

/**
 * One policy has lax rules for one namespace and strict ones for another: what passed the first does not pass for the second.
 * A policy of someone else may have no namespaces at all, unless it is the very one that asks.
 */
function isFor({ uri, digest }: SummaryPolicy, { judgedFor, namespace, asking }: WantedPolicy): boolean {
  const { namespace: judged, isUnclear = false } = uri === undefined ? {} : parsePolicyUri(uri);
  if (isUnclear) return false;
  if (judged !== undefined) return (judgedFor ?? [namespace]).includes(judged);
  return judgedFor === undefined && !(asking.isNamespaced && digest === asking.digest);
}

/** What a summary names, for people; empty where it names nothing. */
export function describePolicies(named: readonly SummaryPolicy[]): string {
  return list(named.map(({ uri = "a policy", digest }) => `${uri} (${digest ?? "no digest"})`));
}

/** What is wanted, for people. */
export function describeWanted({ allowed, judgedFor, namespace, asking }: WantedPolicy): string {
  const rules = `the rules for ${list(judgedFor ?? [namespace])}`;
  if (allowed === undefined) return `a policy by ${rules}`;
  if (allowed === "inForce") {
    const inForce = `the policy in force (${asking.digest})`;
    return asking.isNamespaced || judgedFor !== undefined ? `${inForce} by ${rules}` : inForce;
  }
  const named = list(
    allowed.map(({ uri, digests }) => [uri?.source, digests && list(digests)].filter(Boolean).join(" ")),
  );
  return judgedFor === undefined ? named : `${named} by ${rules}`;
}
