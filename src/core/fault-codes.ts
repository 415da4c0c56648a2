import type { Reason } from "./reason-codes.ts";

/** Every code that says "we could not know". Closed, and never waivable. */
export const FAULTS = {
  "registry/unavailable": {
    cause: "the registry did not answer, or answered with a server error",
    fix: "Retry in a moment; if it persists, check the registry.",
    brief: "Retry in a moment.",
    retry: true,
  },
  "registry/forbidden": {
    cause: "the registry refused the gate's credentials, or its address is not allowed",
    fix: "Give the gate, the pod or its service account a pull secret for exactly this registry host that may read what the message names; for mc, run docker login.",
    brief: "Give the gate credentials.",
    retry: false,
  },
  "registry/incomplete": {
    cause:
      "the registry lists something that it does not have yet, as during replication or after a deletion",
    fix: "Retry in a moment; if it persists, push the listed content again, or delete the entry.",
    brief: "Retry in a moment.",
    retry: true,
  },
  "registry/rate-limited": {
    cause: "the registry asks for fewer requests (HTTP 429)",
    fix: "Retry later; a pull secret or a mirror raises the limit.",
    brief: "Retry later.",
    retry: true,
  },
  "registry/invalid": {
    cause: "the registry's response violates the protocol, or its bytes do not match the requested digest",
    fix: "Check the registry or the proxy in front of it: it serves wrong content.",
    brief: "Check the registry.",
    retry: false,
  },
  "limits/exceeded": {
    cause: "some outside input is larger, longer or more numerous than the gate accepts",
    fix: "Remove surplus attachments from the image, or raise the setting that the message names.",
    brief: "Raise the limit.",
    retry: false,
  },
  "limits/overloaded": {
    cause: "the gate has more work than it accepts at once",
    fix: "Retry in a few seconds; if it persists, add replicas of the gate.",
    brief: "Retry in a few seconds.",
    retry: true,
  },
  "deadline/exceeded": {
    cause: "the deadline came before the check was done; the check continues and fills the cache",
    fix: "Retry in a few seconds.",
    brief: "Retry in a few seconds.",
    retry: true,
  },
  "trust/unavailable": {
    cause: "no usable trust root or key is loaded for an authority that the rule names",
    fix: "Check the gate's trust roots: mc_gate_trust_age_seconds and the log say which one is missing.",
    brief: "Check the gate's trust roots.",
    retry: true,
  },
  "policy/unavailable": {
    cause: "no valid policy is loaded",
    fix: "Apply a policy ConfigMap that `mc policy lint` accepts.",
    brief: "Apply a valid policy.",
    retry: true,
  },
  "revocation/unavailable": {
    cause: "no valid list of revocations is loaded",
    fix: "Apply a revocations ConfigMap that `mc revocations lint` accepts; an empty list is valid.",
    brief: "Apply a valid revocation list.",
    retry: true,
  },
  "target/unavailable": {
    cause: "Argo CD did not answer, or has not yet said what it is about to sync",
    fix: "Retry in a moment; if it persists, check the Argo CD API server and the gate's account token.",
    brief: "Retry in a moment.",
    retry: true,
  },
  "target/moving": {
    cause:
      "the revision that the sync would apply is a branch, a tag or a range, and may move before it is applied",
    fix: "Name a commit, in the operation or as the targetRevision of the spec; or have moving revisions checked as they are (argocd.operations.movingRevisions).",
    brief: "Name a commit.",
    retry: true,
  },
  "target/changing": {
    cause: "the Application's spec changes together with the sync, during it, or just before it",
    fix: "Write the spec first, then start the sync; while Argo CD is processing a change, retry in a moment.",
    brief: "Write the spec first, then sync.",
    retry: true,
  },
  "target/unclear": {
    cause: "what the sync would apply cannot be determined from its operation",
    fix: "Sync again, to the commit of the Application's own sources and without changed parameters.",
    brief: "Sync again without changes.",
    retry: false,
  },
  "review/invalid": {
    cause: "the request is not an AdmissionReview that the gate can read",
    fix: "Check the API server's webhook configuration, or the object's image fields.",
    brief: "Check the object's image fields.",
    retry: false,
  },
  "internal/unexpected": {
    cause: "a bug in the gate itself",
    fix: "Retry once; then report it with the request's uid.",
    brief: "Retry once, then report it.",
    retry: true,
  },
} as const satisfies Record<string, Reason>;

/** A code of FAULTS. */
export type FaultCode = keyof typeof FAULTS;
