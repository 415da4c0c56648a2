import { z } from "zod";

import { DurationText, Name } from "../core/index.ts";
import { ApiVersion } from "../documents/index.ts";

const MAX_LIST = 500;
const MAX_TEXT = 65_536;

const Values = z.record(z.string().max(200), z.union([z.string().max(MAX_TEXT), z.number(), z.boolean()]));

const ForEach = z
  .literal("services")
  .describe("Run once for each entry of services, side by side. The entry is ${{ item }}.");

const Check = z.strictObject({
  check: z
    .enum(["tests", "lint", "vulnerability", "sbom", "signature", "provenance", "policy"])
    .describe("What is checked."),
  mode: z
    .enum(["enforce", "advisory"])
    .default("enforce")
    .describe("enforce: a check that fails fails the stage. advisory: it is only reported."),
});

const Step = z
  .strictObject({
    name: z.string().min(1).max(200).describe("Name, for people."),
    action: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        "What it does: docker-build, docker-push, trivy-scan, syft-sbom, cosign-sign, cosign-attest, mc-verify, or any other.",
      ),
    command: z.string().min(1).max(MAX_TEXT).optional().describe("A shell command."),
    with: Values.default({}).describe("Inputs of the action."),
    forEach: ForEach.optional(),
    artifacts: z
      .array(z.string().min(1).max(1000))
      .max(MAX_LIST)
      .default([])
      .describe("Files that it keeps."),
    mayFail: z.boolean().default(false).describe("A failure of the step does not fail the stage."),
  })
  .refine(({ action, command }) => (action === undefined) !== (command === undefined), {
    params: { rule: "one-of" },
    message: "Give either action or command.",
  });

const StageDocument = z.strictObject({
  name: Name.describe("Unique name; other stages refer to it."),
  dependsOn: z.array(Name).max(MAX_LIST).default([]).describe("Stages that have to succeed before it."),
  condition: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe(
      "When it runs, such as github.ref == 'refs/heads/main'. With always() it runs whatever failed before.",
    ),
  environment: z.string().min(1).max(255).optional().describe("The deployment environment that it enters."),
  timeout: DurationText.optional().describe("How long it may take, such as 30m."),
  mayFail: z.boolean().default(false).describe("A failure of the stage does not fail the pipeline."),
  forEach: ForEach.optional(),
  checks: z
    .array(Check)
    .max(16)
    .default([])
    .describe("What it checks, where that cannot be read from its actions and commands."),
  steps: z
    .array(Step)
    .min(1, "A stage without steps does nothing.")
    .max(MAX_LIST)
    .describe("What it does, in order."),
});

/** A pipeline as it is written in `orchestrations/mc/*.yaml`. */
export const PipelineDocument = z.strictObject({
  apiVersion: ApiVersion,
  kind: z.literal("BuildPipeline").describe("Always BuildPipeline."),
  metadata: z.strictObject({
    name: Name.describe("Name of the pipeline."),
    version: z.string().min(1).max(64).optional().describe("Version of the pipeline, for people."),
  }),
  spec: z.strictObject({
    timeout: DurationText.optional().describe("How long all of it may take, such as 1h."),
    registry: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe("Where images are pushed, such as ghcr.io/acme."),
    signer: z
      .strictObject({
        issuer: z.url().describe("The OIDC issuer of the certificate."),
        identity: z.string().min(1).max(512).describe("The certificate's SAN."),
      })
      .optional()
      .describe("Who signs, where a stage signs without a key."),
    services: z
      .array(
        z.strictObject({
          name: Name.describe("Name of the service."),
          path: z.string().min(1).max(1000).describe("Its folder."),
          dockerfile: z
            .string()
            .min(1)
            .max(1000)
            .optional()
            .describe("Its Dockerfile, relative to the folder."),
          baseImage: z.string().min(1).max(1000).optional().describe("The image that it is built from."),
        }),
      )
      .max(MAX_LIST)
      .default([])
      .describe("What is built."),
    stages: z
      .array(StageDocument)
      .min(1, "A pipeline without stages does nothing.")
      .max(MAX_LIST)
      .describe("The stages, in any order."),
  }),
});
/** See the schema of the same name. */
export type PipelineDocument = z.output<typeof PipelineDocument>;

/** JSON Schema (draft 2020-12) of the pipeline document, for editors. */
export function pipelineJsonSchema(): object {
  return z.toJSONSchema(PipelineDocument, { io: "input" });
}
