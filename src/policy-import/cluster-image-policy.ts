import { z } from "zod";

import { attestationRequirement, predicateTypeOf } from "./attestation.ts";
import { Authority, authorityNames, type CipAuthority } from "./cip-authority.ts";
import {
  addRule,
  isKnown,
  type ImportContext,
  globProblem,
  intendedRefusal,
  isAccepted,
  lose,
  refusal,
  type Requirement,
} from "./draft.ts";
import { policyControllerGlobs } from "./globs.ts";
import { importing } from "./importer.ts";
import type { Path } from "./incompatibility.ts";

/** Source: sigstore/policy-controller, pkg/apis/policy/v1beta1 and v1alpha1: the fields are the same. */
const ClusterImagePolicy = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    images: z.array(z.looseObject({ glob: z.string() })).min(1),
    authorities: z.array(Authority).default([]),
    policy: z.looseObject({}).optional(),
    mode: z.string().optional(),
    match: z.array(z.looseObject({})).default([]),
  }),
});
type Spec = z.output<typeof ClusterImagePolicy>["spec"];

/**
 * Carries over a ClusterImagePolicy: any one of its authorities is enough, and of several policies that match all must
 * pass. Images that none matches are refused, so that whatever selects fewer of them cannot simply be left out.
 */
export const importClusterImagePolicy = importing(ClusterImagePolicy, carryOver);

function carryOver({ metadata, spec }: z.output<typeof ClusterImagePolicy>, own: ImportContext): void {
  const [images, isWhole] = imagesOf(spec, own);
  const accepted = [isWhole, ...narrowings(spec, own)].every(Boolean);
  if (spec.mode === "warn")
    lose(
      own,
      ["spec", "mode"],
      "stricter",
      "it only warns; the rule refuses wherever the namespace's mode is enforce",
    );
  const sets = accepted ? requirementsOf(spec, own) : [[refusal(own)]];
  const comments = [
    `From ClusterImagePolicy ${metadata.name}.`,
    ...(accepted ? [] : ["It refuses everything: see what mc policy import says of it."]),
  ];
  for (const require of sets) addRule(own, { name: metadata.name, images, require, comments });
}

/** The globs, and whether all of them are what the original says, or accepted as they are. */
function imagesOf({ images }: Spec, context: ImportContext): [images: string[], isWhole: boolean] {
  let isWhole = true;
  const found = images.flatMap(({ glob: text }, at) => {
    const path = ["spec", "images", at, "glob"];
    const { globs, losses } = policyControllerGlobs(text);
    const problem = globs.map(globProblem).find((each) => each !== undefined);
    if (problem !== undefined) {
      const why = `the policy does not accept it (${problem}), so the rule covers every image`;
      isWhole = isAccepted(context, path, why) && isWhole;
      return ["**"];
    }
    for (const { effect, why } of losses) {
      if (effect === "weaker") isWhole = isAccepted(context, path, why) && isWhole;
      else lose(context, path, effect, why);
    }
    return globs;
  });
  return [[...new Set(found)], isWhole];
}

/** What the rule as a whole would be weaker without; whether each is accepted. */
function narrowings(spec: Spec, context: ImportContext): boolean[] {
  const path = ["spec"];
  return [
    isKnown(context, ClusterImagePolicy.shape.spec, spec),
    ...(spec.match.length === 0
      ? []
      : [
          isAccepted(
            context,
            [...path, "match"],
            "rules cover every kind of workload, and not only those selected here",
          ),
        ]),
    ...(spec.policy === undefined
      ? []
      : [
          isAccepted(
            context,
            [...path, "policy"],
            "CUE and Rego over the results of authorities are not converted",
          ),
        ]),
  ];
}

/** The sets of requirements; all must hold. */
function requirementsOf(spec: Spec, context: ImportContext): Requirement[][] {
  const path: Path = ["spec", "authorities"];
  if (spec.authorities.length === 0) return [[refusal(context)]];
  if (spec.authorities.some((each) => each.static?.action === "pass"))
    return [[{ gate: "reference", settings: { pinned: true } }]];
  const signing = [...spec.authorities.entries()].filter(([, each]) => each.static === undefined);
  if (signing.length === 0) return [[intendedRefusal(context)]];
  const alike = Map.groupBy(signing, ([at, each]) =>
    each.attestations.length > 1 ? `alone ${at}` : shapeOf(each),
  );
  if (alike.size > 1) {
    const why =
      "one of these is enough in the original; here all must hold, since a rule has no choice between a signature and an attestation";
    lose(context, path, "stricter", why);
  }
  return [...alike.values()].map((group) => groupRequirements(group, context));
}

/** Authorities that ask for the same are a choice. */
function groupRequirements(
  group: readonly (readonly [number, CipAuthority])[],
  context: ImportContext,
): Requirement[] {
  const [[, first]] = group as readonly [readonly [number, CipAuthority]];
  if (first.attestations.length === 0) {
    const anyOf = group.flatMap(([at, each]) => authorityNames(context, each, ["spec", "authorities", at]));
    return [{ gate: "signature", settings: { anyOf } }];
  }
  const names = group.map(([at, each]) => authorityNames(context, each, ["spec", "authorities", at]));
  return first.attestations.flatMap(({ predicateType }, nth) => {
    const anyOf = group.flatMap(([at, each], index) => {
      const { policy } = each.attestations[nth]!;
      const path = ["spec", "authorities", at, "attestations", nth, "policy"];
      const whole =
        policy === undefined ||
        isAccepted(context, path, "CUE and Rego over an attestation are not converted");
      return whole ? names[index]! : [];
    });
    const at: Path = ["spec", "authorities", group[0]![0], "attestations", nth];
    if (anyOf.length === 0) return [refusal(context)];
    return attestationRequirement(context, { type: predicateTypeOf(predicateType), signers: { anyOf } }, at);
  });
}

function shapeOf({ attestations }: CipAuthority): string {
  return JSON.stringify(attestations.map(({ predicateType }) => predicateTypeOf(predicateType)));
}
