import type { Mutants } from "./mutant.ts";

/** B: image references and digests. */
export const REFERENCES: Mutants = {
  B12: [
    {
      file: "src/registry/content.ts",
      from: "if (digestOf(body, splitDigest(declared).algorithm) !== declared)",
      to: "if (digestOf(body, splitDigest(declared).algorithm) === undefined)",
    },
  ],
  B13: [
    {
      file: "src/registry/content.ts",
      from: "if (answer.digest === digest) return bytes;",
      to: "if (bytes.length >= 0) return bytes;",
    },
  ],
  B14: [
    {
      file: "src/verify/formats/simple-signing.ts",
      from: 'if (critical["image"]["docker-manifest-digest"] !== subject) {',
      to: 'if (critical["image"]["docker-manifest-digest"] === undefined) {',
    },
    {
      file: "src/policy/gates/signature.ts",
      from: 'if (asked === "ignore" || dockerReference === undefined) return undefined;',
      to: 'if (asked === "ignore" || dockerReference !== "") return undefined;',
    },
  ],
  B15: [
    {
      file: "src/core/pattern.ts",
      from: 'return part === "*" ? "[^/]*" : RE2JS.quote(part);',
      to: 'return part === "*" ? ".*" : RE2JS.quote(part);',
    },
  ],
  B16: [
    {
      file: "src/core/image-ref.ts",
      from: 'repository.includes("/") ? repository : `library/${repository}`',
      to: "repository",
    },
  ],
  B17: [
    {
      file: "src/verify/formats/statement.ts",
      from: "if (asked.length === 0) {",
      to: "if (subjects.length === 0) {",
    },
  ],
  B18: [
    {
      file: "src/gate/evidence/kept-evidence.ts",
      from: "return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;",
      to: "return `${repositoryName(image)}:${image.tag ?? image.digest} ${generation} ${wants}`;",
    },
  ],
};
