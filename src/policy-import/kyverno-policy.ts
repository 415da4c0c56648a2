import { z } from "zod";

import { type ImportContext, isAccepted, isKnown, lose, refusal, addRule } from "./draft.ts";
import { kyvernoGlobs } from "./globs.ts";
import { importing } from "./importer.ts";
import type { Path } from "./incompatibility.ts";
import { imageRequirements, ImageVerification, patternsOf } from "./kyverno-images.ts";
import { kyvernoImages, kyvernoNamespaces, Match } from "./kyverno-scope.ts";

const Anything = z.unknown().optional();
const Rule = z.looseObject({
  name: z.string(),
  match: Match.prefault({}),
  exclude: z.looseObject({}).optional(),
  verifyImages: z.array(ImageVerification).optional(),
  preconditions: Anything,
  celPreconditions: Anything,
  context: Anything,
  imageExtractors: Anything,
  skipBackgroundRequests: Anything,
  reportProperties: Anything,
});
/** Source: kyverno/kyverno, api/kyverno/v1. */
const KyvernoPolicy = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  spec: z.looseObject({
    validationFailureAction: z.string().optional(),
    failurePolicy: z.string().optional(),
    rules: z.array(Rule).min(1),
    validationFailureActionOverrides: Anything,
    applyRules: Anything,
    background: Anything,
    webhookTimeoutSeconds: Anything,
    webhookConfiguration: Anything,
    schemaValidation: Anything,
    generateExisting: Anything,
    mutateExistingOnPolicyUpdate: Anything,
    useServerSideApply: Anything,
    emitWarning: Anything,
    admission: Anything,
  }),
});
type Rule = z.output<typeof Rule>;
type Spec = z.output<typeof KyvernoPolicy>["spec"];

/** Carries over the rules of a Kyverno policy that verify images. What no rule matches passes there. */
export const importKyvernoPolicy = importing(KyvernoPolicy, carryOver);

function carryOver({ kind, metadata, spec }: z.output<typeof KyvernoPolicy>, own: ImportContext): void {
  noteSpec(spec, own);
  const rules = spec.rules.map((rule) => (rule.verifyImages === undefined ? {} : rule));
  const isWhole = isKnown(own, KyvernoPolicy.shape.spec, { ...spec, rules });
  const home = kind === "Policy" ? [metadata.namespace ?? "default"] : undefined;
  for (const [at, rule] of spec.rules.entries())
    importRule(rule, { context: own, path: ["spec", "rules", at], home, isWhole });
}

function noteSpec(spec: Spec, context: ImportContext): void {
  const { validationFailureAction: action = "Audit", failurePolicy } = spec;
  const perRule = spec.rules.some(({ verifyImages = [] }) =>
    verifyImages.some((each) => each.failureAction !== undefined),
  );
  if (action.toLowerCase() === "audit" && !perRule) {
    const why =
      "it only reports (Audit, which is also the default); the rules refuse wherever the mode is enforce";
    lose(context, ["spec", "validationFailureAction"], "stricter", why);
  }
  if (spec.validationFailureActionOverrides !== undefined)
    lose(
      context,
      ["spec", "validationFailureActionOverrides"],
      "stricter",
      "a namespace's mode is its label mc-gate.dev/mode",
    );
  if (failurePolicy === "Ignore")
    lose(
      context,
      ["spec", "failurePolicy"],
      "stricter",
      "an undetermined answer refuses wherever the mode is enforce",
    );
  if (spec.applyRules === "One")
    lose(
      context,
      ["spec", "applyRules"],
      "stricter",
      "every rule that matches must hold, and not only the first",
    );
}

interface RuleTask {
  readonly context: ImportContext;
  readonly path: Path;
  /** The namespace of a policy that is not the cluster's. */
  readonly home: readonly string[] | undefined;
  /** False where something about the policy as a whole is missing, and not accepted. */
  readonly isWhole: boolean;
}

function importRule(rule: Rule, { context, path, home, isWhole }: RuleTask): void {
  const name = `${context.name}-${rule.name}`;
  const comments = [`From rule ${rule.name} of Kyverno's ${context.name}.`];
  if (rule.verifyImages === undefined) {
    const accepted = isAccepted(
      context,
      path,
      `the rule ${rule.name} verifies no images; keep it in Kyverno`,
    );
    if (!accepted) addRule(context, { name, images: ["**"], require: [refusal(context)], comments });
    return;
  }
  for (const key of ["preconditions", "celPreconditions", "exclude"] as const)
    if (rule[key] !== undefined)
      lose(context, [...path, key], "stricter", "the rule applies without it, to more than the original");
  if (rule.imageExtractors !== undefined)
    lose(
      context,
      [...path, "imageExtractors"],
      "differs",
      "images are found in every kind of workload; other kinds are named in the gate's settings",
    );
  const namespaces = home ?? kyvernoNamespaces(context, rule.match, [...path, "match"]);
  for (const [at, verification] of rule.verifyImages.entries()) {
    const below = [...path, "verifyImages", at];
    const references = { path: [...below, "imageReferences"], globsOf: kyvernoGlobs };
    const images = kyvernoImages(context, patternsOf(verification), references);
    const asked = imageRequirements(context, verification, below);
    const require = isWhole ? asked : [refusal(context)];
    if (require.length > 0) addRule(context, { name, images, namespaces, require, comments });
  }
}
