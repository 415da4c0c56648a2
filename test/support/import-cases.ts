import type { ImageName } from "./import-world.ts";

type Verdicts = Readonly<Partial<Record<ImageName, "allow" | "deny">>>;

/** What a foreign policy means, by its documentation, and what of it is named as not carried over. */
export interface ImportCase {
  /** A file of test/fixtures/import. */
  readonly file: string;
  /** `default` where absent. */
  readonly namespace?: string;
  readonly losses: readonly (readonly [path: string, effect: string])[];
  readonly verdicts: Verdicts;
  /** The same with --accept-loss-unsafe, where something is weaker. */
  readonly accepted?: Verdicts;
}

const NOBODY: Verdicts = { unsigned: "deny", release: "deny", key: "deny", keyAndRelease: "deny" };

/** ClusterImagePolicies of sigstore's policy-controller. */
export const CLUSTER_IMAGE_POLICY_CASES: readonly ImportCase[] = [
  {
    file: "github-actions-keyless",
    losses: [],
    verdicts: {
      unsigned: "deny",
      release: "allow",
      tagged: "allow",
      fork: "deny",
      gitlab: "deny",
      key: "deny",
      deep: "allow",
      elsewhere: "deny",
      provenance: "deny",
    },
  },
  {
    file: "loose-identities",
    losses: [
      ["spec.authorities[0].keyless.identities[0]", "stricter"],
      ["spec.authorities[0].keyless.identities[1]", "stricter"],
      ["spec.authorities[1].keyless.identities[0].issuerRegExp", "stricter"],
    ],
    verdicts: {
      unsigned: "deny",
      release: "allow",
      tagged: "allow",
      fork: "deny",
      gitlab: "allow",
      key: "deny",
      deep: "deny",
    },
  },
  {
    file: "public-key-logged",
    losses: [],
    verdicts: {
      unsigned: "deny",
      key: "allow",
      keyUnlogged: "deny",
      otherKey: "deny",
      release: "deny",
      keyAndRelease: "allow",
      deep: "deny",
    },
  },
  {
    file: "public-key-v1alpha1",
    losses: [],
    verdicts: {
      unsigned: "deny",
      key: "allow",
      keyUnlogged: "allow",
      otherKey: "deny",
      release: "deny",
      elsewhere: "deny",
    },
  },
  {
    file: "key-or-keyless",
    losses: [],
    verdicts: {
      unsigned: "deny",
      key: "deny",
      otherKey: "allow",
      release: "allow",
      gitlab: "allow",
      tagged: "deny",
      fork: "deny",
      keyAndOtherKey: "allow",
    },
  },
  {
    file: "provenance-attestation",
    losses: [["spec.authorities[0].attestations[0]", "stricter"]],
    verdicts: {
      unsigned: "deny",
      provenance: "allow",
      otherBuilder: "allow",
      forkProvenance: "deny",
      release: "deny",
      releaseAndProvenance: "allow",
      sbomByKey: "deny",
    },
  },
  {
    file: "sbom-attestation-by-key",
    losses: [["spec.authorities[0].attestations[0]", "differs"]],
    verdicts: {
      unsigned: "deny",
      sbomByKey: "allow",
      sbomByOtherKey: "deny",
      key: "deny",
      releaseAndSbom: "deny",
    },
  },
  {
    file: "vulnerability-scan-cue",
    losses: [["spec.authorities[0].attestations[0].policy", "weaker"]],
    verdicts: { ...NOBODY, scan: "deny" },
    accepted: { unsigned: "deny", scan: "allow", release: "deny", provenance: "deny" },
  },
  {
    file: "static-actions",
    losses: [],
    verdicts: {
      base: "allow",
      legacy: "deny",
      release: "allow",
      unsigned: "deny",
      key: "deny",
      deep: "deny",
    },
  },
  {
    file: "own-trust-root",
    losses: [["TrustRoot", "none"]],
    verdicts: { unsigned: "deny", ownInstance: "allow", release: "deny", key: "deny" },
  },
  {
    file: "kms-and-secret",
    losses: [
      ["spec.authorities[0].key.kms", "stricter"],
      ["spec.authorities[1].source", "stricter"],
    ],
    verdicts: { unsigned: "deny", key: "allow", keyUnlogged: "allow", otherKey: "deny" },
  },
  {
    file: "pods-only-warn",
    losses: [
      ["spec.match", "weaker"],
      ["spec.mode", "stricter"],
    ],
    verdicts: { ...NOBODY },
    accepted: { unsigned: "deny", key: "allow", otherKey: "deny" },
  },
  {
    file: "signature-and-provenance",
    losses: [["spec.policy", "weaker"]],
    verdicts: { ...NOBODY, releaseAndProvenance: "deny" },
    accepted: { release: "deny", provenance: "deny", releaseAndProvenance: "allow", unsigned: "deny" },
  },
  {
    file: "tags-and-narrow-globs",
    losses: [
      ["spec.images[0].glob", "weaker"],
      ["spec.images[1].glob", "weaker"],
    ],
    verdicts: { ...NOBODY, base: "deny" },
    accepted: { key: "allow", unsigned: "deny", base: "deny", deep: "deny" },
  },
];
