import { z } from "zod";

import { type Attestation, parseJson, printable, repositoryName } from "../../core/index.ts";
import { compileCel, type CelExpression } from "../cel-expression.ts";
import { isOneComposition, ONE_COMPOSITION, principalId, signedBy } from "../signers.ts";
import { defineGate, type GateContext, type GateObjection } from "./gate.ts";
import { clause, lacking } from "./messages.ts";
import { absenceOf, newest, quorumOf, split, usesOf } from "./quorum.ts";

const MAX = 16;

const Expression = z
  .string()
  .min(1, "Empty: it would require nothing.")
  .transform((text, context): CelExpression => {
    const compiled = compileCel(text);
    if (compiled.ok) return compiled.expression;
    context.addIssue({
      code: "custom",
      params: { rule: "bad-expression" },
      message: `The expression: ${compiled.why}.`,
    });
    return z.NEVER;
  });

const Check = z
  .strictObject({
    predicateType: z
      .string()
      .min(1)
      .max(512)
      .describe("The attestations that it reads, by their exact type."),
    ...signedBy("the attestation"),
    expression: Expression.describe(
      "A CEL expression over predicate, predicateType, digest, repository, signer and issuer that must be true. Numbers in the predicate are doubles.",
    ),
    message: z
      .string()
      .regex(/^[\x20-\x7e]{1,300}$/, "One line of 1 to 300 printable ASCII characters.")
      .describe("What the image must have, as text for the refusal."),
  })
  .refine(isOneComposition, ONE_COMPOSITION);
type Check = z.output<typeof Check>;

const Settings = z.array(Check).min(1, "An empty list would require nothing.").max(MAX);

/** Expressions over attestations of any type. Whatever cannot be evaluated refuses. */
export const cel = defineGate({
  name: "cel",
  summary:
    "CEL expressions that must be true of attestations by trusted signers. The newest attestation per signer counts.",
  settings: Settings,
  needsEvidence: true,
  needsAllEvidence: () => true,
  predicateTypes: (checks) => checks.map(({ predicateType }) => predicateType),
  predicateTexts: (checks) => checks.map(({ predicateType }) => predicateType),
  authorities: (checks) => checks.flatMap((check, at) => usesOf(check, [at])),
  objections: (checks, context) => checks.flatMap((check) => objectionsOf(check, context)),
});

function objectionsOf(check: Check, context: GateContext): GateObjection[] {
  const { predicateType, message } = check;
  const quorum = quorumOf(check, context);
  const found = context.evidence.attestations.filter((each) => each.predicateType === predicateType);
  const { trusted, misses } = split(found, quorum);
  if (trusted.length === 0) {
    const { lack, advice } = absenceOf(predicateType, misses, quorum, context.evidence);
    return [lacking("cel/missing", lack, advice)];
  }
  const latest = newest(trusted, { declared: () => undefined, replaces: () => true, signer: principalId });
  const judged = latest.map((each) => ({ each, refusal: refusalOf(each, check, context) }));
  // of several that are equally new, all must hold, also where one workflow signs at several refs
  const refusing = new Set(
    judged.flatMap(({ each, refusal }) => (refusal === undefined ? [] : [principalId(each.signer)])),
  );
  const held = latest.filter(({ signer }) => !refusing.has(principalId(signer)));
  if (quorum.isMet(held)) return [];
  const refusal = judged.find((each) => each.refusal !== undefined)?.refusal;
  if (refusal === undefined) {
    const rest = `only ${quorum.shortage(held)}`;
    return [lacking("cel/missing", { kind: "signed", what: predicateType, rest })];
  }
  return [
    { code: "cel/refused", message: clause(`${message} (${predicateType}: ${printable(refusal, 200)})`) },
  ];
}

function refusalOf(
  attestation: Attestation,
  { expression }: Check,
  { image, evidence }: GateContext,
): string | undefined {
  const { predicateText, predicateType, signer } = attestation;
  if (predicateText === undefined) return "its predicate is longer than 65,536 characters";
  return expression.refusal({
    predicate: parseJson(predicateText),
    predicateType,
    digest: evidence.subject,
    repository: repositoryName(image),
    signer: signer.kind === "key" ? signer.fingerprint : signer.identity,
    issuer: signer.kind === "key" ? "" : signer.issuer,
  });
}
