import { z } from "zod";

import { Name } from "../core/index.ts";
import { ApiVersion } from "../documents/index.ts";
import { WaiverSettings } from "./approvers.ts";
import { AuthorityDocument } from "./authority-document.ts";
import { ImageGlob, NamespaceGlob } from "./fields.ts";
import { type Gate, GATES } from "./gates/index.ts";
import { TrustRootSource } from "./trust-roots.ts";

const MAX_NAMED = 1000;
const MAX_RULES = 10_000;

const Requirements = z
  .strictObject(Object.fromEntries(GATES.map(settingsOf)))
  .transform((require) => Object.values(require).filter((each) => each !== undefined))
  .refine((requirements) => requirements.length > 0, {
    params: { rule: "empty-rule" },
    message:
      "An empty rule would admit everything; require something, if only `reference: { pinned: true }`.",
  });

function settingsOf({ name, requirement, summary }: Gate): [string, z.ZodOptional<Gate["requirement"]>] {
  return [name, requirement.optional().describe(summary)];
}

/** One rule as it is written. */
export const Rule = z.strictObject({
  name: Name.describe("The rule's name in refusals."),
  images: z
    .array(ImageGlob)
    .min(1, "An empty list would match nothing.")
    .max(256)
    .describe("Globs over registry/repository; `*` stays within a segment, `**` crosses segments."),
  namespaces: z
    .array(NamespaceGlob)
    .min(1, "An empty list would match nothing.")
    .max(256)
    .optional()
    .describe("Namespaces that it applies in; all if absent."),
  require: Requirements.describe("Every gate named here must pass."),
});

/** The fields of a policy, each by itself. */
export const PolicyFields = z.strictObject({
  apiVersion: ApiVersion,
  trustRoots: z
    .record(Name, TrustRootSource)
    .default({})
    .describe("Sigstore instances whose certificates count, by name. Each is tried separately."),
  authorities: z
    .record(Name, AuthorityDocument)
    .default({})
    .describe("Signers that rules may trust, by name."),
  rules: z.array(Rule).max(MAX_RULES).describe("The rules. Every rule that matches an image must hold."),
  waivers: WaiverSettings.prefault({}).describe("What waivers need in order to count."),
  unmatched: z
    .enum(["deny", "allow"])
    .default("deny")
    .describe("What happens to images that no rule matches."),
});

/** The policy as it is written. Every rule that matches an image must hold. */
export const PolicyDocument = PolicyFields.transform((document, context) => {
  // a transform and no refinement: it runs only on documents in which every field is sound
  for (const { path, rule, message } of crossChecks(document)) {
    context.addIssue({ code: "custom", path: [...path], params: { rule }, message });
  }
  return document;
});
export type PolicyDocument = z.output<typeof PolicyDocument>;

interface Broken {
  readonly path: readonly (string | number)[];
  readonly rule: string;
  readonly message: string;
}

type Shape = Pick<PolicyDocument, "trustRoots" | "authorities" | "rules" | "unmatched" | "waivers">;

/** What no field can check alone: names that must exist, or must not occur twice. */
function crossChecks(document: Shape): Broken[] {
  return [
    ...tooMany(document),
    ...letsAllPass(document),
    ...unknownTrustRoots(document),
    ...unloggedKeys(document),
    ...duplicateRules(document),
    ...unknownApprovers(document),
    ...document.rules.flatMap((rule, at) => unknownAuthorities(rule, at, document)),
  ];
}

function tooMany({ trustRoots, authorities }: Shape): Broken[] {
  const counts = { trustRoots: Object.keys(trustRoots).length, authorities: Object.keys(authorities).length };
  return Object.entries(counts)
    .filter(([, count]) => count > MAX_NAMED)
    .map(([path]) => ({ path: [path], rule: "too-many", message: `More than ${MAX_NAMED} entries.` }));
}

function letsAllPass({ rules, unmatched }: Shape): Broken[] {
  if (rules.length > 0 || unmatched === "deny") return [];
  const message = "Without a rule, unmatched: allow admits everything; switch namespaces off instead.";
  return [{ path: ["unmatched"], rule: "empty-policy", message }];
}

function unknownTrustRoots({ trustRoots, authorities }: Shape): Broken[] {
  return Object.entries(authorities).flatMap(([name, { keyless }]) => {
    if (keyless === undefined || Object.hasOwn(trustRoots, keyless.trustRoot)) return [];
    const message = `No trust root is called "${keyless.trustRoot}"; define it under trustRoots.`;
    return [{ path: ["authorities", name, "keyless", "trustRoot"], rule: "unknown-trust-root", message }];
  });
}

/** A key whose signatures must be logged needs someone's log. */
function unloggedKeys({ trustRoots, authorities }: Shape): Broken[] {
  if (Object.keys(trustRoots).length > 0) return [];
  const message =
    "It needs a log entry, and no trust root names a log; add one, or set transparencyLogNotRequiredUnsafe.";
  return Object.entries(authorities)
    .filter(([, { key }]) => key?.transparencyLogNotRequiredUnsafe === false)
    .map(([name]) => ({ path: ["authorities", name, "key"], rule: "no-log", message }));
}

function duplicateRules({ rules }: Shape): Broken[] {
  const first = new Map<string, number>();
  const broken: Broken[] = [];
  for (const [at, { name }] of rules.entries()) {
    const twin = first.get(name);
    if (twin === undefined) first.set(name, at);
    else {
      const message = `Rule ${twin + 1} has this name, too.`;
      broken.push({ path: ["rules", at, "name"], rule: "duplicate-rule", message });
    }
  }
  return broken;
}

function unknownApprovers({ waivers, authorities }: Shape): Broken[] {
  return Object.entries(waivers.approvers)
    .filter(([, { authority }]) => !Object.hasOwn(authorities, authority))
    .map(([name, { authority }]) => ({
      path: ["waivers", "approvers", name, "authority"],
      rule: "unknown-authority",
      message: `No authority is called "${authority}"; define it under authorities.`,
    }));
}

function unknownAuthorities(rule: Shape["rules"][number], at: number, { authorities }: Shape): Broken[] {
  return rule.require.flatMap(({ gate, authorities: uses }) =>
    uses
      .filter(({ name }) => !Object.hasOwn(authorities, name))
      .map(({ name, path }) => ({
        path: ["rules", at, "require", gate, ...path],
        rule: "unknown-authority",
        message: `No authority is called "${name}"; define it under authorities.`,
      })),
  );
}
