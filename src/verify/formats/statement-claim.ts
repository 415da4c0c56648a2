import { COSIGN_SIGN, type Digest } from "../../core/index.ts";
import type { Claim } from "./format.ts";
import { readStatement } from "./statement.ts";

/** What a DSSE payload claims: cosign's sign statement is a signature, every other statement an attestation. */
export function claimOfPayload(payloadType: string, payload: Uint8Array, subject: Digest): Claim {
  const { predicateType, predicate, subjectNames } = readStatement(payloadType, payload, subject);
  return predicateType === COSIGN_SIGN
    ? { kind: "signature" }
    : { kind: "attestation", predicateType, predicate, subjectNames };
}
