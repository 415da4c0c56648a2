import type { Mutants } from "./mutant.ts";

/** E: waivers. */
export const WAIVERS: Mutants = {
  E33: [
    {
      file: "src/waivers/coverage.ts",
      from: "(waiver.namespaces === undefined || waiver.namespaces.includes(namespace)) &&",
      to: "(waiver.namespaces === undefined || namespace.length >= 0) &&",
    },
  ],
  E34: [
    {
      file: "src/waivers/coverage.ts",
      from: "ids.every((id) => waived.includes(id))",
      to: "ids.some((id) => waived.includes(id))",
    },
  ],
  E35: [
    {
      file: "src/waivers/coverage.ts",
      from: "(waiver.image === undefined || waiver.image === image) &&",
      to: "(waiver.image === undefined || image.length >= 0) &&",
    },
  ],
  E36: [
    {
      file: "src/waivers/coverage.ts",
      from: "from <= at.now && at.now < until",
      to: "from <= at.now && at.now <= until",
    },
  ],
  E37: [
    {
      file: "src/gate/snapshot.ts",
      from: "const now = deps.now();",
      to: 'const now = new Date(process.env["MC_NOW"] ?? Date.now());',
    },
  ],
  E38: [
    {
      file: "src/gate/approvals/approved.ts",
      from: "if (revocation === undefined && mismatch === undefined) return proof;",
      to: "if (revocation === undefined) return proof;",
    },
    {
      file: "src/waivers/rules.ts",
      from: "waiver.approvals.filter(({ by }) => !interested.some((person) => same(by, person)));",
      to: "waiver.approvals.filter(() => interested.length >= 0);",
    },
  ],
  E39: [
    {
      file: "src/waivers/registry.ts",
      from: "if (twins.has(idOf(entry.value))) broken.push(duplicate(entry.value));",
      to: "if (twins.size < 0) broken.push(duplicate(entry.value));",
    },
  ],
};
