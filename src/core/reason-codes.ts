/** What the reader does now. */
export interface Advice {
  /** One imperative sentence or two. */
  readonly fix: string;
  /** The same for a warning, which has 120 characters: at most 36 characters. */
  readonly brief: string;
}

/** What the generated reference says about one reason code. */
export interface Reason extends Advice {
  /** Why it happens, one clause. */
  readonly cause: string;
  /** Whether the same request may pass later with nothing changed. */
  readonly retry: boolean;
}

/** Every code that says "this image fails a gate". Closed: a code that is not here does not compile. */
export const FINDINGS = {
  "signature/missing": {
    cause: "the registry holds no signature for this digest",
    fix: "Sign the digest in the release workflow with cosign, or deploy a signed digest.",
    brief: "Sign this digest.",
    retry: false,
  },
  "signature/untrusted-identity": {
    cause: "valid signatures exist, but none by an authority that the rule names",
    fix: "Release through the workflow that the policy trusts, or have its identity added to the policy.",
    brief: "Release by the trusted workflow.",
    retry: false,
  },
  "signature/invalid": {
    cause: "attachments that claim to be signatures exist, but none of them verifies",
    fix: "Sign the digest again; if you did not make these signatures, report it to the security team.",
    brief: "Sign the digest again.",
    retry: false,
  },
  "reference/unpinned": {
    cause: "the image is named by a tag, which can be moved after the check",
    fix: "Name the image by digest; `mc pin -f FILE` rewrites manifests.",
    brief: "Name it by digest: mc pin.",
    retry: false,
  },
  "reference/invalid": {
    cause: "the text is not an image reference",
    fix: "Correct the image field: registry/repository@sha256:digest.",
    brief: "Correct the reference.",
    retry: false,
  },
  "reference/not-found": {
    cause: "the registry reports that there is no such tag or manifest",
    fix: "Push the image, or correct the tag.",
    brief: "Push it, or correct the tag.",
    retry: false,
  },
  "reference/checkpoint": {
    cause:
      "the image is a checkpoint of a running container: a runtime restores its processes and memory, and the image that it was made of, instead of starting what was signed",
    fix: "Deploy the image that the checkpoint was made of. If you restore checkpoints on purpose, set `reference: { checkpoints: allowed }` in every rule for the image.",
    brief: "Deploy the original image.",
    retry: false,
  },
  "provenance/missing": {
    cause: "no readable, verified SLSA provenance names this digest",
    fix: "Attest the build in the release workflow (actions/attest or slsa-github-generator) and push it to the registry.",
    brief: "Attest the build.",
    retry: false,
  },
  "provenance/untrusted-builder": {
    cause: "provenance exists, but neither its signer nor its builder is one that the rule names",
    fix: "Build with the workflow or builder that the policy trusts.",
    brief: "Build on the trusted builder.",
    retry: false,
  },
  "provenance/wrong-source": {
    cause:
      "provenance exists, but states another source repository, ref, workflow or trigger than the rule allows, or none",
    fix: "Build from the repository and ref that the policy names.",
    brief: "Build from the trusted source.",
    retry: false,
  },
  "provenance/too-old": {
    cause: "the build is older than the rule allows",
    fix: "Build again and deploy the new digest.",
    brief: "Build again.",
    retry: false,
  },
  "sbom/missing": {
    cause: "no verified SBOM names this digest",
    fix: "Attest an SBOM of the image in the release workflow: cosign attest --type spdxjson or --type cyclonedx.",
    brief: "Attest an SBOM.",
    retry: false,
  },
  "sbom/untrusted-signer": {
    cause: "SBOMs exist, but none by enough of the signers that the rule names",
    fix: "Have the SBOM attested by the workflow that the policy trusts.",
    brief: "Have the trusted signer attest it.",
    retry: false,
  },
  "sbom/wrong-format": {
    cause:
      "the SBOM's format is not the one it declares or not one that the rule accepts, or it cannot be read",
    fix: "Attest SPDX 2.3 or 3 (--type spdxjson), or CycloneDX (--type cyclonedx), as JSON.",
    brief: "Attest SPDX JSON or CycloneDX.",
    retry: false,
  },
  "sbom/incomplete": {
    cause: "the SBOM lists fewer components than the rule requires",
    fix: "Generate the SBOM from the finished image rather than from its sources, and attest it again.",
    brief: "Generate it from the image.",
    retry: false,
  },
  "sbom/too-old": {
    cause: "the SBOM is older than the rule allows",
    fix: "Generate the SBOM again and attest it to this digest.",
    brief: "Attest a new SBOM.",
    retry: false,
  },
  "vulnerability/blocked": {
    cause: "a trusted scan found a vulnerability of a severity that the rule blocks",
    fix: "Update the package and deploy the new digest; or, where the code cannot be reached, have OpenVEX attested (cosign attest --type openvex); or ask for a waiver that names this vulnerability.",
    brief: "Update the package.",
    retry: false,
  },
  "vulnerability/scan-missing": {
    cause: "no verified vulnerability scan of this digest is by enough of the signers that the rule names",
    fix: "Scan the image in the release workflow and attest the result: cosign attest --type vuln.",
    brief: "Attest a scan.",
    retry: false,
  },
  "vulnerability/scan-stale": {
    cause: "the newest scan is older than the rule allows",
    fix: "Scan the image again and attest the result to this digest.",
    brief: "Scan it again.",
    retry: false,
  },
  "vulnerability/scan-unreadable": {
    cause: "the newest scan cannot be read completely, so its findings are unknown",
    fix: "Attest a report of Trivy (--format cosign-vuln) or Grype, SARIF, or an in-toto vulnerability list.",
    brief: "Attest a readable report.",
    retry: false,
  },
  "promotable/unknown": {
    cause: "no verification summary by a trusted verifier says that the image may be promoted",
    fix: "Run the promotion of this digest, or check why the verifier did not pass it.",
    brief: "Run the promotion.",
    retry: false,
  },
  "promotable/untrusted-signer": {
    cause:
      "a verification summary exists, but not by enough of the signers that the rule names, or by another verifier",
    fix: "Have the image promoted by the verifier that the policy trusts.",
    brief: "Promote it by the trusted verifier.",
    retry: false,
  },
  "promotable/wrong-resource": {
    cause:
      "the verification summary is about another repository than the image's own, or another resource than the rule allows",
    fix: "Promote the digest in the repository from which it is deployed.",
    brief: "Promote it in its own repository.",
    retry: false,
  },
  "promotable/wrong-policy": {
    cause: "the image was verified against another policy than the rule allows",
    fix: "Promote the digest again, with the policy that the rule names.",
    brief: "Promote it by the policy in force.",
    retry: false,
  },
  "promotable/level": {
    cause:
      "the verification summary does not name every level that the rule requires, or a higher one of the same track",
    fix: "Build the image where provenance is made for it, and promote that digest; or ask for an emergency waiver of class promotable.",
    brief: "Build it where provenance is made.",
    retry: false,
  },
  "promotable/too-old": {
    cause: "the verification is older than the rule allows",
    fix: "Promote the digest again.",
    brief: "Promote it again.",
    retry: false,
  },
  "cel/missing": {
    cause:
      "no verified attestation of the type that the rule reads is by enough of the signers that it names",
    fix: "Have the attestation created and signed by the workflow that the policy trusts.",
    brief: "Have it attested.",
    retry: false,
  },
  "cel/refused": {
    cause: "the rule's expression over an attestation is not true, or cannot be evaluated",
    fix: "Change the image so that the attestation says what the rule requires; the message says what that is.",
    brief: "Change the image.",
    retry: false,
  },
  "promotable/refused": {
    cause: "the image is on the list of non-promotable images, or its verification summary says FAILED",
    fix: "Deploy an image with provenance; or ask for an emergency waiver of class promotable.",
    brief: "Deploy an image with provenance.",
    retry: false,
  },
  "revocation/digest": {
    cause: "the image itself is revoked",
    fix: "Deploy another digest; this cannot be waived, and the revocation says why.",
    brief: "Deploy another digest.",
    retry: false,
  },
  "revocation/signer": {
    cause: "the evidence that would admit the image was signed by a revoked signer, within the revoked time",
    fix: "Have the image signed again by a signer that is not revoked, or deploy another digest; this cannot be waived.",
    brief: "Have it signed again.",
    retry: false,
  },
  "policy/unmatched": {
    cause: "no rule of the policy covers this image, and the policy denies images that no rule covers",
    fix: "Use an image that the policy covers, or have a rule added for this repository.",
    brief: "Use an image that a rule covers.",
    retry: false,
  },
} as const satisfies Record<string, Reason>;

/** A code of FINDINGS. */
export type FindingCode = keyof typeof FINDINGS;
