import { z } from "zod";

import { addRule, type ImportContext, isKnown, lose, refusal, type Requirement } from "./draft.ts";
import { kyvernoCelGlobs } from "./globs.ts";
import { importing } from "./importer.ts";
import { attestorTable, Attestor } from "./ivp-attestor.ts";
import { IvpAttestation, validationRequirements } from "./ivp-validation.ts";
import { kyvernoImages, selectedNames, Selector, usable } from "./kyverno-scope.ts";
import type { Foreign } from "./read-foreign.ts";

const Anything = z.unknown().optional();
const Reference = z.looseObject({
  glob: z.string().optional(),
  expression: z.string().optional(),
  cel: z.string().optional(),
});
const Switch = z.looseObject({ enabled: z.boolean().optional() });
/** Source: kyverno/kyverno, api/policies.kyverno.io/v1 and its alpha and beta. */
const ImageValidatingPolicy = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  spec: z.looseObject({
    matchConstraints: z
      .looseObject({
        namespaceSelector: Selector.optional(),
        resourceRules: Anything,
        matchPolicy: Anything,
        objectSelector: Anything,
        excludeResourceRules: Anything,
      })
      .prefault({}),
    matchImageReferences: z.array(Reference).optional(),
    imageRules: z.array(Reference).optional(),
    validationActions: z.array(z.string()).optional(),
    failurePolicy: z.string().optional(),
    validationConfigurations: z
      .looseObject({ verifyDigest: z.boolean().default(true), mutateDigest: Anything, required: Anything })
      .prefault({}),
    attestors: z.array(Attestor).default([]),
    attestations: z.array(IvpAttestation).default([]),
    validations: z
      .array(
        z.looseObject({
          expression: z.string(),
          message: z.string().optional(),
          messageExpression: Anything,
          reason: Anything,
        }),
      )
      .default([]),
    evaluation: z
      .looseObject({ admission: Switch.optional(), background: Anything, mode: Anything })
      .optional(),
    matchConditions: Anything,
    variables: Anything,
    images: Anything,
    credentials: Anything,
    webhookConfiguration: Anything,
    autogen: Anything,
    auditAnnotations: Anything,
  }),
});
type Spec = z.output<typeof ImageValidatingPolicy>["spec"];

const MATCH: readonly string[] = ["namespaceSelector", "resourceRules", "matchPolicy"];

/** Carries over an ImageValidatingPolicy. What its globs do not match passes there. */
export const importImageValidatingPolicy = importing(ImageValidatingPolicy, carryOver);

function carryOver(
  { metadata, spec }: z.output<typeof ImageValidatingPolicy>,
  own: ImportContext,
  foreign: Foreign,
): void {
  noteSpec(spec, own);
  const isWhole = isKnown(own, ImageValidatingPolicy.shape.spec, spec);
  const isNamespaced = foreign.kind.startsWith("Namespaced");
  const namespaces = isNamespaced ? [metadata.namespace ?? "default"] : namespacesOf(spec, own);
  const images = imagesOf(spec, own);
  const asked = requirementsOf(spec, own);
  const require = isWhole ? asked : [refusal(own)];
  const comments = [`From Kyverno's ImageValidatingPolicy ${metadata.name}.`];
  addRule(own, { name: metadata.name, images, namespaces, require, comments });
}

function requirementsOf(spec: Spec, context: ImportContext): Requirement[] {
  const attestors = attestorTable(context, spec.attestors);
  const pinned: Requirement[] = spec.validationConfigurations.verifyDigest
    ? [{ gate: "reference", settings: { pinned: true } }]
    : [];
  const asked = spec.validations.flatMap((validation, at) =>
    validationRequirements(context, validation, {
      attestors,
      attestations: spec.attestations,
      path: ["spec", "validations", at],
    }),
  );
  if (pinned.length + asked.length > 0) return [...pinned, ...asked];
  lose(
    context,
    ["spec"],
    "stricter",
    "it requires nothing that can be expressed here; the rule refuses everything",
  );
  return [refusal(context)];
}

function imagesOf(spec: Spec, context: ImportContext): readonly string[] {
  const key = spec.matchImageReferences === undefined ? "imageRules" : "matchImageReferences";
  const references = spec[key] ?? [];
  if (references.length === 0) return ["**"];
  const patterns = references.map(({ glob }, at) => {
    if (glob !== undefined) return glob;
    lose(
      context,
      ["spec", key, at],
      "stricter",
      "expressions over references are not converted; the rule covers every image",
    );
    return "*";
  });
  return kyvernoImages(context, patterns, { path: ["spec", key], globsOf: kyvernoCelGlobs });
}

function namespacesOf({ matchConstraints }: Spec, context: ImportContext): readonly string[] | undefined {
  const path = ["spec", "matchConstraints"];
  for (const key of Object.keys(matchConstraints).filter((each) => !MATCH.includes(each)))
    lose(context, [...path, key], "stricter", "the rule applies without it, to more than the original");
  const { namespaceSelector } = matchConstraints;
  if (namespaceSelector === undefined) return undefined;
  const names = selectedNames(namespaceSelector);
  if (names !== undefined) return usable(context, names, [...path, "namespaceSelector"]);
  lose(
    context,
    [...path, "namespaceSelector"],
    "stricter",
    "only names of namespaces can be selected; the rule applies in all",
  );
  return undefined;
}

function noteSpec(spec: Spec, context: ImportContext): void {
  const { validationActions = ["Deny"], failurePolicy, evaluation } = spec;
  if (!validationActions.includes("Deny"))
    lose(
      context,
      ["spec", "validationActions"],
      "stricter",
      "it only reports; the rule refuses wherever the mode is enforce",
    );
  if (failurePolicy === "Ignore")
    lose(
      context,
      ["spec", "failurePolicy"],
      "stricter",
      "an undetermined answer refuses wherever the mode is enforce",
    );
  if (evaluation?.admission?.enabled === false)
    lose(context, ["spec", "evaluation"], "stricter", "it does not take part in admission; the rule does");
  if (spec.matchConditions !== undefined)
    lose(
      context,
      ["spec", "matchConditions"],
      "stricter",
      "the rule applies without them, to more than the original",
    );
  if (spec.images !== undefined)
    lose(
      context,
      ["spec", "images"],
      "differs",
      "images are found in every kind of workload; other kinds are named in the gate's settings",
    );
}
