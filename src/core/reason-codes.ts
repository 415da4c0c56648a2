/** What the generated reference says about one reason code. */
export interface Reason {
  /** Why it happens, one clause. */
  readonly cause: string;
  /** What the reader does now, one imperative sentence. */
  readonly fix: string;
  /** Whether the same request may pass later with nothing changed. */
  readonly retry: boolean;
}

/** Every code that says "this image fails a gate". Closed: a code that is not here does not compile. */
export const FINDINGS = {
  "signature/missing": {
    cause: "the registry holds no signature for this digest",
    fix: "Sign the digest in the release workflow with cosign, or deploy a signed digest.",
    retry: false,
  },
  "signature/untrusted-identity": {
    cause: "valid signatures exist, but none by an authority that the rule names",
    fix: "Release through the workflow that the policy trusts, or have its identity added to the policy.",
    retry: false,
  },
  "signature/invalid": {
    cause: "attachments that claim to be signatures exist, but none of them verifies",
    fix: "Sign the digest again; if you did not make these signatures, report it to the security team.",
    retry: false,
  },
  "reference/unpinned": {
    cause: "the image is named by a tag, which can be moved after the check",
    fix: "Name the image by digest; `mc pin -f FILE` rewrites manifests.",
    retry: false,
  },
  "reference/invalid": {
    cause: "the text is not an image reference",
    fix: "Correct the image field: registry/repository@sha256:digest.",
    retry: false,
  },
  "reference/not-found": {
    cause: "the registry reports that there is no such tag or manifest",
    fix: "Push the image, or correct the tag.",
    retry: false,
  },
  "reference/checkpoint": {
    cause:
      "the image is a checkpoint of a running container: a runtime restores its processes and memory, and the image that it was made of, instead of starting what was signed",
    fix: "Deploy the image that the checkpoint was made of. If you restore checkpoints on purpose, set `reference: { checkpoints: allowed }` in every rule for the image.",
    retry: false,
  },
  "provenance/missing": {
    cause: "no readable, verified SLSA provenance names this digest",
    fix: "Attest the build in the release workflow (actions/attest or slsa-github-generator) and push it to the registry.",
    retry: false,
  },
  "provenance/untrusted-builder": {
    cause: "provenance exists, but neither its signer nor its builder is one that the rule names",
    fix: "Build on the builder that the policy trusts.",
    retry: false,
  },
  "provenance/wrong-source": {
    cause:
      "provenance exists, but states another source repository, ref, workflow or trigger than the rule allows, or none",
    fix: "Build from the repository and ref that the policy names.",
    retry: false,
  },
  "provenance/too-old": {
    cause: "the build is older than the rule allows",
    fix: "Build again and deploy the new digest.",
    retry: false,
  },
  "sbom/missing": {
    cause: "no verified SBOM names this digest",
    fix: "Attest an SBOM of the image in the release workflow: cosign attest --type spdxjson or --type cyclonedx.",
    retry: false,
  },
  "sbom/untrusted-signer": {
    cause: "SBOMs exist, but none by enough of the signers that the rule names",
    fix: "Have the SBOM attested by the workflow that the policy trusts.",
    retry: false,
  },
  "sbom/wrong-format": {
    cause:
      "the SBOM's format is not the one it declares or not one that the rule accepts, or it cannot be read",
    fix: "Attest SPDX 2.3 or 3 (--type spdxjson), or CycloneDX (--type cyclonedx), as JSON.",
    retry: false,
  },
  "sbom/incomplete": {
    cause: "the SBOM lists fewer components than the rule requires",
    fix: "Generate the SBOM from the finished image rather than from its sources, and attest it again.",
    retry: false,
  },
  "sbom/too-old": {
    cause: "the SBOM is older than the rule allows",
    fix: "Generate the SBOM again and attest it to this digest.",
    retry: false,
  },
  "vulnerability/blocked": {
    cause: "a trusted scan found a vulnerability of a severity that the rule blocks",
    fix: "Update the package and deploy the new digest; or ask for a waiver that names this vulnerability.",
    retry: false,
  },
  "vulnerability/scan-missing": {
    cause: "no verified vulnerability scan of this digest is by enough of the signers that the rule names",
    fix: "Scan the image in the release workflow and attest the result: cosign attest --type vuln.",
    retry: false,
  },
  "vulnerability/scan-stale": {
    cause: "the newest scan is older than the rule allows",
    fix: "Scan the image again and attest the result to this digest.",
    retry: false,
  },
  "vulnerability/scan-unreadable": {
    cause: "the newest scan cannot be read completely, so its findings are unknown",
    fix: "Attest a report of Trivy (--format cosign-vuln) or Grype, SARIF, or an in-toto vulnerability list.",
    retry: false,
  },
  "promotable/unknown": {
    cause: "no verification summary by a trusted verifier says that the image may be promoted",
    fix: "Run the promotion of this digest, or check why the verifier did not pass it.",
    retry: false,
  },
  "cel/missing": {
    cause:
      "no verified attestation of the type that the rule reads is by enough of the signers that it names",
    fix: "Have the attestation created and signed by the workflow that the policy trusts.",
    retry: false,
  },
  "cel/refused": {
    cause: "the rule's expression over an attestation is not true, or cannot be evaluated",
    fix: "Change the image so that the attestation says what the rule requires; the message says what that is.",
    retry: false,
  },
  "promotable/refused": {
    cause: "the image is on the list of non-promotable images, or its verification summary says FAILED",
    fix: "Deploy an image with provenance; or ask for an emergency waiver of class promotable.",
    retry: false,
  },
  "revocation/digest": {
    cause: "the image itself is revoked",
    fix: "Deploy another digest; this cannot be waived, and the revocation says why.",
    retry: false,
  },
  "revocation/signer": {
    cause: "the evidence that would admit the image was signed by a revoked signer, within the revoked time",
    fix: "Have the image built and signed again by a signer that is not revoked; this cannot be waived.",
    retry: false,
  },
  "policy/unmatched": {
    cause: "no rule of the policy covers this image, and the policy denies images that no rule covers",
    fix: "Use an image that the policy covers, or have a rule added for this repository.",
    retry: false,
  },
} as const satisfies Record<string, Reason>;

/** Every code that says "we could not know". Closed, and never waivable. */
export const FAULTS = {
  "registry/unavailable": {
    cause: "the registry did not answer, or answered with a server error",
    fix: "Retry in a moment; if it persists, check the registry.",
    retry: true,
  },
  "registry/forbidden": {
    cause: "the registry refused the gate's credentials, or its address is not allowed",
    fix: "Give the gate, the pod or its service account a pull secret for exactly this registry host that may read what the message names.",
    retry: false,
  },
  "registry/incomplete": {
    cause:
      "the registry lists something that it does not have yet, as during replication or after a deletion",
    fix: "Retry in a moment; if it persists, push the listed content again, or delete the entry.",
    retry: true,
  },
  "registry/rate-limited": {
    cause: "the registry asks for fewer requests (HTTP 429)",
    fix: "Retry later; a pull secret or a mirror raises the limit.",
    retry: true,
  },
  "registry/invalid": {
    cause: "the registry's response violates the protocol, or its bytes do not match the requested digest",
    fix: "Check the registry or the proxy in front of it: it serves wrong content.",
    retry: false,
  },
  "limits/exceeded": {
    cause: "some outside input is larger, longer or more numerous than the gate accepts",
    fix: "Remove surplus attachments from the image, or raise the setting that the message names.",
    retry: false,
  },
  "limits/overloaded": {
    cause: "the gate has more work than it accepts at once",
    fix: "Retry in a few seconds; if it persists, add replicas of the gate.",
    retry: true,
  },
  "deadline/exceeded": {
    cause: "the deadline came before the check was done; the check continues and fills the cache",
    fix: "Retry in a few seconds.",
    retry: true,
  },
  "trust/unavailable": {
    cause: "no usable trust root or key is loaded for an authority that the rule names",
    fix: "Check the gate's trust roots: mc_gate_trust_age_seconds and the log say which one is missing.",
    retry: true,
  },
  "policy/unavailable": {
    cause: "no valid policy is loaded",
    fix: "Apply a policy ConfigMap that `mc policy lint` accepts.",
    retry: true,
  },
  "revocation/unavailable": {
    cause: "no valid list of revocations is loaded",
    fix: "Apply a revocations ConfigMap that `mc revocations lint` accepts; an empty list is valid.",
    retry: true,
  },
  "target/unavailable": {
    cause: "Argo CD did not answer, or has not yet said what it is about to sync",
    fix: "Retry in a moment; if it persists, check the Argo CD API server and the gate's account token.",
    retry: true,
  },
  "target/moving": {
    cause:
      "the revision that the sync would apply is a branch, a tag or a range, and may move before it is applied",
    fix: "Name a commit, in the operation or as the targetRevision of the spec; or have moving revisions checked as they are (argocd.operations.movingRevisions).",
    retry: true,
  },
  "target/changing": {
    cause: "the Application's spec changes together with the sync, during it, or just before it",
    fix: "Write the spec first, then start the sync; while Argo CD is processing a change, retry in a moment.",
    retry: true,
  },
  "target/unclear": {
    cause: "what the sync would apply cannot be determined from its operation",
    fix: "Sync again, to the commit of the Application's own sources and without changed parameters.",
    retry: false,
  },
  "review/invalid": {
    cause: "the request is not an AdmissionReview that the gate can read",
    fix: "Check the API server's webhook configuration, or the object's image fields.",
    retry: false,
  },
  "internal/unexpected": {
    cause: "a bug in the gate itself",
    fix: "Retry once; then report it with the request's uid.",
    retry: true,
  },
} as const satisfies Record<string, Reason>;

/** A code of FINDINGS. */
export type FindingCode = keyof typeof FINDINGS;
/** A code of FAULTS. */
export type FaultCode = keyof typeof FAULTS;
