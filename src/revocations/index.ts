import { z } from "zod";

import { RevocationsDocument } from "./document.ts";

export {
  appendNonPromotable,
  appendRevocations,
  type NonPromotableEntry,
  type RevocationEntry,
  revocationText,
} from "./append-entries.ts";
export {
  NO_REVOCATIONS,
  parseRevocations,
  type Revocation,
  type Revocations,
  revocationsContent,
  revocationsFrom,
  voidedBy,
} from "./revocations.ts";
export { type RemainingEvidence, type RevokedProof, withoutRevoked } from "./without-revoked.ts";
export { revocationWeakenings } from "./weakenings.ts";

/** JSON Schema (draft 2020-12) of the revocation document, for editors. */
export function revocationsJsonSchema(): object {
  return z.toJSONSchema(RevocationsDocument, { io: "input" });
}
