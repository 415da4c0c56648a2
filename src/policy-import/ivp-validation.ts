import { z } from "zod";

import { attestationRequirement } from "./attestation.ts";
import { type ImportContext, isAccepted, lose, refusal, type Requirement, type Signers } from "./draft.ts";
import type { Path } from "./incompatibility.ts";

/** An attestation that an ImageValidatingPolicy declares. */
export const IvpAttestation = z.looseObject({
  name: z.string(),
  intoto: z.looseObject({ type: z.string() }).optional(),
  referrer: z.looseObject({ type: z.string() }).optional(),
});

const IMAGES = String.raw`images\.\w+`;
const NAME = String.raw`[A-Za-z_]\w*`;
const CALL = String.raw`(?<verb>verifyImageSignatures|verifyAttestationSignatures)\((?<image>${NAME}),(?:attestations\.(?<attestation>${NAME}),)?\[(?<attestors>attestors\.${NAME}(?:,attestors\.${NAME})*)\]\)`;
/** Every image is signed by more than so many of the attestors, in the spellings of Kyverno's documentation. */
const SHAPES = [
  new RegExp(
    `^${IMAGES}\\.map\\((?<each>${NAME}),${CALL}\\)\\.all\\((?<count>${NAME}),\\k<count>(?<sign>>=|>|==)(?<number>\\d{1,2})\\)$`,
  ),
  new RegExp(
    `^${IMAGES}\\.map\\((?<each>${NAME}),${CALL}(?<sign>>=|>|==)(?<number>\\d{1,2})\\)\\.all\\((?<count>${NAME}),\\k<count>\\)$`,
  ),
  new RegExp(`^${IMAGES}\\.all\\((?<each>${NAME}),${CALL}(?<sign>>=|>|==)(?<number>\\d{1,2})\\)$`),
];

interface Declared {
  readonly attestors: ReadonlyMap<string, readonly string[]>;
  readonly attestations: readonly z.output<typeof IvpAttestation>[];
  readonly path: Path;
}

/** What one validation asks for: `verifyImageSignatures` and `verifyAttestationSignatures` over all images, joined by &&. */
export function validationRequirements(
  context: ImportContext,
  { expression, message }: { readonly expression: string; readonly message?: string | undefined },
  declared: Declared,
): Requirement[] {
  const terms = expression.replaceAll(/\s+/g, "").split("&&");
  const asked = terms.map((term) => termRequirements(context, term, { ...declared, message }));
  if (asked.every((each) => each !== undefined)) {
    lose(
      context,
      declared.path,
      "stricter",
      "it checks some lists of containers; the rule checks every image of a workload",
    );
    return asked.flat();
  }
  const why = `the expression is not one that the importer understands: ${expression.replaceAll(/\s+/g, " ").slice(0, 120)}`;
  return isAccepted(context, [...declared.path, "expression"], why) ? [] : [refusal(context)];
}

function termRequirements(
  context: ImportContext,
  term: string,
  { attestors, attestations, path, message }: Declared & { readonly message: string | undefined },
): Requirement[] | undefined {
  const verification = verificationIn(term);
  if (verification === undefined) return undefined;
  const sets = verification.attestors.map((name) => attestors.get(name));
  if (sets.includes(undefined)) return undefined;
  const signers = signersOf(sets as readonly (readonly string[])[], verification.least);
  if (signers === undefined) return undefined;
  if (verification.attestation === undefined) return [{ gate: "signature", settings: signers }];
  const type = attestations.find(({ name }) => name === verification.attestation)?.intoto?.type;
  return type === undefined ? undefined : attestationRequirement(context, { type, signers, message }, path);
}

interface VerificationTerm {
  readonly attestors: readonly string[];
  readonly attestation: string | undefined;
  readonly least: number;
}

function verificationIn(term: string): VerificationTerm | undefined {
  const groups = SHAPES.map((shape) => shape.exec(term)?.groups).find((each) => each !== undefined);
  if (groups === undefined || groups["each"] !== groups["image"]) return undefined;
  const { verb, attestation, sign } = groups;
  if ((verb === "verifyAttestationSignatures") !== (attestation !== undefined)) return undefined;
  const attestors = [
    ...new Set(groups["attestors"]!.split(",").map((each) => each.slice("attestors.".length))),
  ];
  const least = Number(groups["number"]) + (sign === ">" ? 1 : 0);
  const isExact = sign === "==" && least !== attestors.length;
  return least < 1 || least > attestors.length || isExact ? undefined : { attestors, attestation, least };
}

/** Several identities of one attestor are one of it: only a choice of one can take them together. */
function signersOf(sets: readonly (readonly string[])[], least: number): Signers | undefined {
  const names = sets.flat();
  if (least === 1) return { anyOf: names };
  if (sets.some((set) => set.length > 1)) return undefined;
  return least === names.length ? { allOf: names } : { threshold: { count: least, of: names } };
}
