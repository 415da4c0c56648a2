import { z } from "zod";

import {
  type CertificateClaims,
  FAULTS,
  FINDINGS,
  type FindingCode,
  type FaultCode,
  Instant,
  SEVERITIES,
} from "../core/index.ts";
import { ApiVersion } from "../documents/index.ts";

const MAX_CASES = 5000;
const MAX_LIST = 256;
const MAX_TEXT = 2048;

const Text = z.string().min(1).max(MAX_TEXT);

const CLAIM_NAMES = [
  "buildSignerURI",
  "buildSignerDigest",
  "runnerEnvironment",
  "sourceRepositoryURI",
  "sourceRepositoryDigest",
  "sourceRepositoryRef",
  "sourceRepositoryIdentifier",
  "sourceRepositoryOwnerURI",
  "sourceRepositoryOwnerIdentifier",
  "buildConfigURI",
  "buildConfigDigest",
  "buildTrigger",
  "runInvocationURI",
  "sourceRepositoryVisibilityAtSigning",
  "githubWorkflowName",
] as const satisfies readonly (keyof CertificateClaims)[];

const Claims = z
  .strictObject(
    Object.fromEntries(CLAIM_NAMES.map((name) => [name, Text.optional()])) as Record<
      (typeof CLAIM_NAMES)[number],
      z.ZodOptional<typeof Text>
    >,
  )
  .describe("Certificate claims. Those that the authority pins to one value need not be repeated.");

const Stranger = z
  .strictObject({
    identity: Text.describe("The certificate's SAN."),
    issuer: Text.describe("The OIDC issuer."),
    trustRoot: Text.describe("The trust root of the policy that issued the certificate."),
    claims: Claims.optional(),
  })
  .describe("A signer that is none of the policy's authorities, or is not said to be.");

const SIGNED = {
  by: Text.optional().describe("The authority of the policy that signed it."),
  identity: Text.optional().describe("Its identity, where the authority accepts several by a pattern."),
  claims: Claims.optional(),
  signer: Stranger.optional(),
  time: z
    .union([z.literal("none"), Instant])
    .optional()
    .describe(
      "When it was signed, as a log or a timestamp authority vouches for; the case's time where absent. none: nothing vouches for it.",
    ),
  logged: z.boolean().default(true).describe("Whether it is in a transparency log."),
};

const ONE_SIGNER = {
  params: { rule: "one-of" },
  message: "Give either by, an authority of the policy, or signer.",
};

function isSignedOnce({
  by,
  signer,
  identity,
  claims,
}: Pick<z.output<typeof Signature>, "by" | "signer" | "identity" | "claims">): boolean {
  if (signer !== undefined) return by === undefined && identity === undefined && claims === undefined;
  return by !== undefined;
}

const Signature = z.strictObject(SIGNED);

const Provenance = z
  .strictObject({
    ...SIGNED,
    builder: Text.describe("The builder's id."),
    buildType: Text.optional().describe("The SLSA build type."),
    repository: Text.optional().describe("The source repository, such as https://github.com/acme/app."),
    ref: Text.optional().describe("The git ref, such as refs/heads/main."),
    commit: Text.optional().describe("The git commit."),
    workflow: Text.optional().describe("The workflow's path."),
    trigger: Text.optional().describe("The event that started the build."),
    startedAt: Instant.optional().describe("When the build started."),
    finishedAt: Instant.optional().describe("When the build finished."),
  })
  .refine(isSignedOnce, ONE_SIGNER)
  .refine(({ repository, ref, commit }) => repository !== undefined || (ref ?? commit) === undefined, {
    params: { rule: "no-repository" },
    message: "A ref or a commit is one of a repository: name that, too.",
  });

const Sbom = z
  .strictObject({
    ...SIGNED,
    format: z.enum(["spdx", "cyclonedx"]).default("spdx"),
    components: z.int().min(0).describe("Packages or components, without the image itself."),
    createdAt: Instant.optional().describe("When it was made, as it says."),
  })
  .refine(isSignedOnce, ONE_SIGNER);

const Vulnerability = z.strictObject({
  id: Text.describe("Such as CVE-2026-1111."),
  severity: z.enum(SEVERITIES),
  fix: z
    .enum(["available", "none", "unknown"])
    .default("unknown")
    .describe("Whether a version without it exists."),
  package: Text.optional(),
});

const Scan = z
  .strictObject({
    ...SIGNED,
    scanner: Text.default("scanner").describe("The scanner's name, without its version."),
    finishedAt: Instant.optional().describe(
      "When the scan finished, as it says; the case's time where absent.",
    ),
    vulnerabilities: z
      .array(Vulnerability)
      .max(10_000)
      .describe("An empty list: it looked and found nothing."),
  })
  .refine(isSignedOnce, ONE_SIGNER);

const Attestation = z
  .strictObject({
    ...SIGNED,
    predicateType: Text.describe("The predicate type, such as https://openvex.dev/ns/v0.2.0."),
    predicate: z
      .record(z.string(), z.unknown())
      .describe("The predicate as JSON; it is read as a registry's is."),
  })
  .refine(isSignedOnce, ONE_SIGNER);

const Facts = z.strictObject({
  signatures: z.array(Signature.refine(isSignedOnce, ONE_SIGNER)).max(MAX_LIST).default([]),
  provenance: z.array(Provenance).max(MAX_LIST).default([]).describe("SLSA provenance, v1."),
  sboms: z.array(Sbom).max(MAX_LIST).default([]),
  scans: z.array(Scan).max(MAX_LIST).default([]).describe("Vulnerability scans."),
  attestations: z
    .array(Attestation)
    .max(MAX_LIST)
    .default([])
    .describe(
      "Attestations of any other kind, such as VEX, verification summaries, and what cel expressions read.",
    ),
});

const CODES = [...Object.keys(FINDINGS), ...Object.keys(FAULTS)] as [FindingCode | FaultCode];

const Expected = z
  .strictObject({
    decision: z
      .enum(["allowed", "warning", "refused", "unknown"])
      .describe("unknown: refused because something could not be determined, and nothing is found wanting."),
    codes: z.array(z.enum(CODES)).max(MAX_LIST).default([]).describe("All reason codes, in any order."),
    waived: z
      .array(Text)
      .max(MAX_LIST)
      .default([])
      .describe("The ids of all waivers that are used, in any order."),
  })
  .refine(({ decision, codes }) => (decision === "allowed") === (codes.length === 0), {
    params: { rule: "codes" },
    message: "Whatever is not allowed has a reason code, and what is allowed has none.",
  });

const Case = z.strictObject({
  name: Text.describe("What is given and what is expected, for people."),
  image: Text.describe(
    "The image as it is deployed. Without tag and digest it has a digest that no document names.",
  ),
  namespace: Text.default("default").describe("The namespace that it is deployed to."),
  mode: z.enum(["enforce", "advisory"]).default("enforce").describe("The namespace's mode."),
  time: Instant.optional().describe("The clock; that of the document where absent."),
  facts: Facts.describe("What is attached to the image. Nothing else is."),
  waivers: z
    .array(z.unknown())
    .max(MAX_LIST)
    .optional()
    .describe("Waivers as in a waiver document, instead of those of --waivers."),
  expect: Expected,
});

/** Cases of a policy as they are written. */
export const CasesDocument = z
  .strictObject({
    apiVersion: ApiVersion,
    time: Instant.optional().describe("The clock of cases that name none."),
    cases: z.array(Case).min(1, "Without a case nothing is tested.").max(MAX_CASES).describe("The cases."),
  })
  .transform((document, context) => {
    for (const [at, { time }] of document.cases.entries())
      if (time === undefined && document.time === undefined) {
        const message = "It has no time: give one here, or for the whole document.";
        context.addIssue({ code: "custom", path: ["cases", at], params: { rule: "no-time" }, message });
      }
    return document;
  });

/** One case. */
export type PolicyCase = z.output<typeof Case>;
/** What a case says of an image. */
export type CaseFacts = z.output<typeof Facts>;
/** Who signed something, and when. */
export type SignedFact = Pick<
  z.output<typeof Signature>,
  "by" | "identity" | "claims" | "signer" | "time" | "logged"
>;

/** JSON Schema (draft 2020-12) of a document of cases, for editors. */
export function casesJsonSchema(): object {
  return z.toJSONSchema(CasesDocument, { io: "input" });
}
