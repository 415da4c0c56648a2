import { z } from "zod";

import { printable } from "../core/index.ts";

/** The version of the format of policy, waivers, revocations and settings that this gate reads. */
export const API_VERSION = "mc-gate.dev/v1";

/** The rule that a document of another version breaks. */
export const API_VERSION_RULE = "api-version";

/** `apiVersion` of a document. Absent means the present version, as in documents that are older than the field. */
export const ApiVersion = z
  .unknown()
  .refine((value) => value === undefined || value === API_VERSION, {
    params: { rule: API_VERSION_RULE },
    error: ({ input }) => unsupportedVersion(input),
  })
  .optional()
  .meta({ type: "string", const: API_VERSION })
  .describe(`Version of the document's format, ${API_VERSION}; that one where absent.`);

/** Says which version is supported instead. */
export function unsupportedVersion(version: unknown): string {
  const found = typeof version === "string" ? `"${printable(version, 60)}"` : "This value";
  return `${found} is not supported; this gate reads "${API_VERSION}".`;
}
