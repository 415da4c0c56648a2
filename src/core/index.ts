export { ANNOTATIONS, readAnnotations } from "./annotations.ts";
export type { Attachment, AttachmentBatch, Attachments } from "./attachment.ts";
export { bearerToken } from "./bearer-token.ts";
export { boundedBytes } from "./bounded-bytes.ts";
export { createBoundedMap } from "./bounded-map.ts";
export { CALLER_REFUSALS, type CallerProof, type CallerRefusal } from "./caller.ts";
export { canonicalJson } from "./canonical-json.ts";
export type { Credential, UnreadCredentials } from "./credentials.ts";
export { provenSince, withCopies } from "./copies.ts";
export { type Danger, type DangerName, DANGERS } from "./dangers.ts";
export { Digest, digestOf, parseDigest, splitDigest } from "./digest.ts";
export { type DockerAuth, isForRegistry, parseDockerConfig } from "./docker-auth.ts";
export type { Parsed, Problem } from "./document.ts";
export type { ImageContents } from "./image-contents.ts";
export { eachAtMost } from "./each-at-most.ts";
export type {
  Attestation,
  AttachmentForm,
  BuildSource,
  CertificateClaims,
  Evidence,
  Proof,
  Provenance,
  Rejection,
  Signature,
  Signer,
  Verified,
} from "./evidence.ts";
export { announcedForm, REGISTRY_FORMS, type RegistryForm } from "./registry-forms.ts";
export {
  type Sbom,
  type Scan,
  SEVERITIES,
  type Severity,
  type SummaryPolicy,
  type VerificationSummary,
  type Vex,
  type VexSetAside,
  type VexStatement,
  type Vulnerability,
} from "./extracts.ts";
export { FairQueue, GroupedFairQueue, type Turn } from "./fair-queue.ts";
export { FairShare, mostAlone } from "./fair-share.ts";
export { EXIT, type ExitCode, RetryLater, UsageError } from "./exit-codes.ts";
export {
  deadExpression,
  deadFinding,
  deadIdentity,
  deadIssuer,
  deadRef,
  deadSource,
  type DeadText,
  deadWorkflow,
  hasFullRefs,
} from "./exact-texts.ts";
export { asFault, Fault } from "./fault.ts";
export { Duration, DurationText, Name } from "./fields.ts";
export { describeBriefly, describeLacks, type Lack } from "./lack.ts";
export {
  type FaultNotice,
  type Finding,
  adviceFor,
  fixOf,
  noticeOf,
  gateOf,
  MAX_WARNING,
  mayPassLater,
  type Objection,
  printable,
  type Subject,
} from "./finding.ts";
export { describeGap, gapFault, type Gap, mergeGaps } from "./gap.ts";
export {
  formatImageRef,
  type ImageRef,
  isPinned,
  isPinnedText,
  type ParsedReference,
  parseImageRef,
  type PinnedImage,
  repositoryName,
} from "./image-ref.ts";
export { namesImage, repositoryIn } from "./named-repository.ts";
export { hasRepeatedKeys } from "./json-keys.ts";
export { GrowingBuffer } from "./growing-buffer.ts";
export { isMap, TextMap, ValueMap } from "./maps.ts";
export { hasAtMost, type PartPath, readJsonParts, withParts } from "./object-parts.ts";
export { JsonLimitError, type JsonLimits, parseJson, parseJsonFields, readJson } from "./json.ts";
export { type JsonBounds, jsonExcess } from "./json-bounds.ts";
export { type Mode, MODE_LABEL, modeOfLabel, MODES, parseMode, stricterMode } from "./mode.ts";
export { type Compiled, compileGlob, compilePattern, exactly, isExact, type Pattern } from "./pattern.ts";
export { linkAbort } from "./linked-abort.ts";
export { Approval, foldName, Instant, isSamePerson, isUnambiguousName, lineOf, Person } from "./people.ts";
export { formatPolicyUri, parsePolicyUri, type PolicyUri } from "./policy-uri.ts";
export { type ParsedKey, parsePublicKey, readPublicKey } from "./public-key.ts";
export { fromProtobufJson } from "./protobuf-json.ts";
export { COSIGN_SIGN, isOfType, PREDICATE_TYPES, predicateFamily, predicateHint } from "./predicate-types.ts";
export type { OwnResources, OwnWork, RegistryWork } from "./own-resources.ts";
export { MAX_PULL_SECRETS, type PullAccess } from "./pull-access.ts";
export { type FaultCode, FAULTS } from "./fault-codes.ts";
export { type Advice, type FindingCode, FINDINGS, type Reason } from "./reason-codes.ts";
export { TextMatcher, textMatcher } from "./text-matcher.ts";
export { startThread, type ThreadScript, threadScript } from "./thread-script.ts";
export { formatDuration, formatInstant, parseDuration, parseInstant } from "./time.ts";
export type { PublicKey, TrustRoot, TrustSnapshot } from "./trust.ts";
export type { AppliedSwitch, ImageSummary as Judged, Verdict, Waived } from "./verdict.ts";
export { createTurnsByKey, type TurnsByKey } from "./turns-by-key.ts";
export { waitForTurn } from "./wait-for-turn.ts";
export { withDeadline } from "./with-deadline.ts";
