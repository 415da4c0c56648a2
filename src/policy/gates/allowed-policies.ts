import { z } from "zod";

import { deadExpression, Digest, type SummaryPolicy, textMatcher } from "../../core/index.ts";
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

/** Whether one of the policies that a summary names is allowed; `inForce` is the digest of the policy that asks. */
export function acceptsPolicy(
  allowed: AllowedPolicies,
  named: readonly SummaryPolicy[],
  inForce: string,
): boolean {
  if (allowed === "inForce") return named.some(({ digest }) => digest === inForce);
  return named.some(({ uri, digest }) =>
    allowed.some((each) => {
      const isSameUri = each.uri === undefined || (uri !== undefined && each.uri.matches(uri));
      return isSameUri && (each.digests === undefined || each.digests.some((wanted) => wanted === digest));
    }),
  );
}

/** What a summary names, for people; empty where it names nothing. */
export function describePolicies(named: readonly SummaryPolicy[]): string {
  return list(named.map(({ uri = "a policy", digest }) => `${uri} (${digest ?? "no digest"})`));
}

/** What is allowed, for people. */
export function describeAllowed(allowed: AllowedPolicies, inForce: string): string {
  if (allowed === "inForce") return `the policy in force (${inForce})`;
  return list(
    allowed.map(({ uri, digests }) => [uri?.source, digests && list(digests)].filter(Boolean).join(" ")),
  );
}
