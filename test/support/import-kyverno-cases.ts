import type { ImportCase } from "./import-cases.ts";

const KEYLESS = "kyverno-keyless-wildcards";
/** Policies of Kyverno. */
export const KYVERNO_CASES: readonly ImportCase[] = [
  {
    file: KEYLESS,
    namespace: "prod-eu",
    losses: [],
    verdicts: {
      unsigned: "deny",
      release: "allow",
      tagged: "allow",
      fork: "deny",
      gitlab: "deny",
      key: "deny",
      deep: "allow",
      elsewhere: "allow",
    },
  },
  { file: KEYLESS, namespace: "default", losses: [], verdicts: { unsigned: "allow", fork: "allow" } },
  {
    file: "kyverno-keys-counts",
    namespace: "default",
    losses: [["spec.rules[0].verifyImages[0].attestors[0].entries[1].keys", "stricter"]],
    verdicts: {
      unsigned: "deny",
      key: "allow",
      otherKey: "allow",
      keyAndOtherKey: "allow",
      keyUnlogged: "deny",
      release: "deny",
      base: "allow",
    },
  },
  {
    file: "kyverno-keys-counts",
    namespace: "strict",
    losses: [["spec.rules[0].verifyImages[0].attestors[0].entries[1].keys", "stricter"]],
    verdicts: { unsigned: "deny", key: "deny", otherKey: "deny", keyAndOtherKey: "allow" },
  },
  {
    file: "kyverno-attestation-conditions",
    namespace: "default",
    losses: [
      ["spec.rules[0].verifyImages[0].attestations[0].conditions", "differs"],
      ["spec.rules[0].verifyImages[0].attestations[0]", "stricter"],
    ],
    verdicts: {
      unsigned: "deny",
      release: "deny",
      provenance: "allow",
      otherBuilder: "deny",
      forkProvenance: "deny",
      releaseAndProvenance: "allow",
      elsewhere: "allow",
    },
  },
  {
    file: "kyverno-image-validating-policy",
    namespace: "shop",
    losses: [
      ["spec.validations[0]", "stricter"],
      ["spec.validations[1]", "differs"],
      ["spec.validations[1]", "stricter"],
    ],
    verdicts: {
      unsigned: "deny",
      release: "deny",
      key: "deny",
      releaseAndSbom: "allow",
      sbomByKey: "deny",
      elsewhere: "allow",
    },
  },
  {
    file: "kyverno-payload-expression",
    namespace: "default",
    losses: [
      ["spec.validations[0]", "stricter"],
      ["spec.validations[1].expression", "weaker"],
    ],
    verdicts: { unsigned: "deny", release: "deny", releaseAndSbom: "deny", elsewhere: "allow" },
    accepted: { unsigned: "deny", release: "allow", releaseAndSbom: "allow", fork: "deny" },
  },
  {
    file: "kyverno-mixed-audit",
    namespace: "default",
    losses: [
      ["spec.validationFailureAction", "stricter"],
      ["spec.rules[0]", "weaker"],
      ["spec.rules[1].preconditions", "stricter"],
      ["spec.rules[1].exclude", "stricter"],
      ["spec.rules[1].match", "stricter"],
      ["spec.rules[1].verifyImages[0].mutateDigest", "stricter"],
      ["spec.rules[1].verifyImages[0].skipImageReferences", "stricter"],
      ["spec.rules[1].verifyImages[0].attestors[0].entries[0].annotations", "weaker"],
    ],
    verdicts: { unsigned: "deny", key: "deny", elsewhere: "deny" },
    accepted: { unsigned: "deny", key: "allow", otherKey: "deny", elsewhere: "allow" },
  },
];
