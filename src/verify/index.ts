export { type Verifier, type VerifierOptions, createVerifier } from "./create-verifier.ts";
export { verifyAttachments } from "./evidence.ts";
export {
  assumeVerified,
  describedAttestation,
  type DescribedStatement,
  type UnverifiedEvidence,
} from "./assumed.ts";
export { type Artifact, type BundleCheck, type ExpectedSigner, verifyBundle } from "./verify-bundle.ts";
