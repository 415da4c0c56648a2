import { z } from "zod";

const LOGS = {
  transparencyLogNotRequiredUnsafe: z
    .boolean()
    .default(false)
    .describe("Accept a signature without a log entry. Only for instances without a transparency log."),
  certificateTransparencyNotRequiredUnsafe: z
    .boolean()
    .default(false)
    .describe(
      "Accept a certificate without a signed certificate timestamp; one by a log of the root must verify either way.",
    ),
};

/** Where the material of one Sigstore instance comes from. */
export const TrustRootSource = z.discriminatedUnion("source", [
  z
    .strictObject({ source: z.literal("publicGood").describe("publicGood: the public-good instance.") })
    .describe("The public-good instance, seeded and refreshed by TUF."),
  z
    .strictObject({
      source: z.literal("github").describe("github: GitHub's own instance."),
      path: z
        .string()
        .min(1)
        .max(512)
        .describe("GitHub's trusted_root.json: GitHub's line from `gh attestation trusted-root`."),
    })
    .describe("GitHub's own instance for private repositories: timestamps instead of a public log."),
  z
    .strictObject({
      source: z.literal("file").describe("file: a trusted_root.json file."),
      path: z
        .string()
        .min(1)
        .max(512)
        .describe("A trusted_root.json in the gate's file system; read again when it changes."),
      ...LOGS,
    })
    .describe("A trusted_root.json file, such as a company's own instance."),
  z
    .strictObject({
      source: z.literal("inline").describe("inline: the text of a trusted_root.json."),
      trustedRoot: z
        .string()
        .min(2)
        .max(512 * 1024)
        .describe("The JSON text of a trusted_root.json."),
      ...LOGS,
    })
    .describe("The text of a trusted_root.json."),
]);
export type TrustRootSource = z.infer<typeof TrustRootSource>;
