import type { Mutants } from "./mutant.ts";

/** D: identities and policy. */
export const POLICY: Mutants = {
  D29: [
    {
      file: "src/policy/authorities.ts",
      from: "    ...claimChecks(claims),\n",
      to: "",
    },
    {
      file: "src/policy/gates/provenance.ts",
      from: "workflow: settings.workflows,",
      to: "workflow: undefined,",
    },
  ],
  D30: [
    {
      file: "src/core/pattern.ts",
      from: 'if (!text.startsWith("^") || !text.endsWith("$"))',
      to: "if (text === undefined)",
    },
    {
      file: "src/core/pattern.ts",
      from: "return stranger === undefined ? compiled",
      to: "return stranger !== stranger || stranger === undefined || compiled.ok ? compiled",
    },
  ],
  D31: [
    {
      file: "src/policy/gates/provenance.ts",
      from: "if (declared !== undefined && certified !== undefined && declared !== certified) {",
      to: "if (declared === undefined && certified !== undefined && declared !== certified && build === undefined) {",
    },
    {
      file: "src/policy/gates/provenance-facts.ts",
      from: "return namesWorkflow && hostOf(builderId) === hostOf(buildSignerURI) ? buildSignerURI : undefined;",
      to: "return namesWorkflow && hostOf(builderId) === buildSignerURI ? buildSignerURI : undefined;",
    },
  ],
  D32: [
    {
      file: "src/policy/gates/signature.ts",
      from: "if (quorum.isMet(accepted)) return [];",
      to: "if (context.evidence.signatures.length > 0) return [];",
    },
  ],
};
