import type { Mutants } from "./mutant.ts";

/** F: the evidence cache. */
export const CACHE: Mutants = {
  F40: [
    {
      file: "src/gate/revoked.ts",
      from: "const { evidence: left, voided } = withoutRevoked(evidence, revocations);",
      to: 'const { evidence: left, voided } = { evidence, voided: [] as ReturnType<typeof withoutRevoked>["voided"] };',
    },
    {
      file: "src/gate/revoked.ts",
      from: "const revoked = digests.get(digest);",
      to: "const revoked = [...digests.values()].find(() => digest === undefined);",
    },
  ],
  F41: [
    {
      file: "src/verify/sigstore/prove.ts",
      from: "if (found.length === 0) throw nearest;",
      to: 'if (found.length === 0) return [{ signer: { kind: "keyless", identity: candidate.leaf.subjectAltName ?? "", issuer: "https://token.actions.githubusercontent.com", claims: {}, trustRoot: "test" }, logged: true } as never];',
    },
  ],
  F42: [
    {
      file: "src/gate/evidence/kept-evidence.ts",
      from: "return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;",
      to: "return `${image.digest} ${generation} ${wants}`;",
    },
  ],
};
