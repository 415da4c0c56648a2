import type { Mutants } from "./mutant.ts";

/** C: attestations and signatures. */
export const CRYPTOGRAPHY: Mutants = {
  C19: [
    {
      file: "src/policy/gates/provenance.ts",
      from: "if (found.length === 0) return [missing(quorum, context)];",
      to: "if (found.filter((each) => TYPES.includes(each.predicateType)).length === 0) return [];",
    },
  ],
  C20: [
    {
      file: "src/verify/formats/statement.ts",
      from: 'if (!STATEMENT_TYPES.includes(statement["_type"]))',
      to: 'if (statement["_type"] === undefined)',
    },
  ],
  C21: [
    {
      file: "src/verify/sigstore/log-entry.ts",
      from: "if (!isCertificate(verifier, signer.leaf) && !spkiOf(verifier).equals(signer.spki))",
      to: "if (!isCertificate(verifier, signer.leaf) && spkiOf(verifier).length === 0)",
    },
  ],
  C22: [
    {
      file: "src/policy/authorities.ts",
      from: 'if (signer.kind === "key") return anotherSigner(signer, name);',
      to: 'if (signer.kind === "key") return undefined;',
    },
    {
      file: "src/verify/sigstore/prove.ts",
      from: 'if (ready === undefined) throw new Rejected("untrusted", strangeKey(found.bundle));',
      to: 'if (ready === undefined) return { signer: { kind: "key", fingerprint: keys[0]?.fingerprint ?? "sha256:0" }, logged: true } as never;',
    },
  ],
  C23: [
    {
      file: "src/verify/sigstore/entity.ts",
      from: "entries.filter(({ inclusionPromise }) => inclusionPromise !== undefined)",
      to: "entries.filter(() => true)",
    },
    {
      file: "src/verify/sigstore/entity.ts",
      from: "new Date(Math.min(...times))",
      to: "new Date(Math.max(...times))",
    },
    {
      file: "src/verify/sigstore/log-entry.ts",
      from: "if (!inWindow) throw",
      to: "if (tlogs.length === 0) throw",
    },
  ],
  C24: [
    {
      file: "src/verify/sigstore/log-entry.ts",
      from: "tlogs.some(({ logID }) => logID.equals(logId.keyId))",
      to: "tlogs.length > 0 || logId.keyId.length === 0",
    },
  ],
  C25: [
    {
      file: "src/verify/formats/statement.ts",
      from: "if (payloadType !== PAYLOAD_TYPE)",
      to: "if (payloadType === undefined)",
    },
  ],
  C26: [
    {
      file: "src/verify/formats/statement.ts",
      from: "if (asked.length === 0) {",
      to: "if (subjects.length === 0) {",
    },
    {
      file: "src/verify/formats/simple-signing.ts",
      from: 'if (critical["image"]["docker-manifest-digest"] !== subject) {',
      to: 'if (critical["image"]["docker-manifest-digest"] === undefined) {',
    },
  ],
  C27: [
    {
      file: "src/core/copies.ts",
      from: "return copies === undefined ? trustedTime : copies.since;",
      to: "return copies === undefined ? trustedTime : (trustedTime ?? copies.since);",
    },
    {
      file: "src/verify/sigstore/entity.ts",
      from: "if (stamped !== undefined && (promised === undefined || stamped <= promised))",
      to: "if (stamped !== undefined)",
    },
    {
      file: "src/verify/evidence.ts",
      from: "signatures: withCopies(signatures),\n    attestations: withSharedVulnerabilities(withCopies(attestations)),",
      to: "signatures: withCopies(signatures),\n    attestations: withSharedVulnerabilities(attestations.flat()),",
    },
    {
      file: "src/policy/gates/quorum.ts",
      from: "return age <= maxAge ? undefined",
      to: "return age <= maxAge || age > 0 ? undefined",
    },
    {
      file: "src/policy/gates/promotable.ts",
      from: "const age = tooOld(attestation, {",
      to: "const age = tooOld({ ...attestation, trustedTime: context.now }, {",
    },
    {
      file: "src/policy/gates/promotable.ts",
      from: 'const failed = latest.find(({ summary }) => summary?.result === "FAILED");',
      to: 'const failed = latest.every(({ summary }) => summary?.result === "FAILED") ? undefined : undefined;',
    },
  ],
  C28: [
    {
      file: "src/gate/decide.ts",
      from: 'const refused = mode === "enforce" ? "deny" : "warn";',
      to: 'const refused = mode === "off" ? "deny" : "warn";',
    },
  ],
};
