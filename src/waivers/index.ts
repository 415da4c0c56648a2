import { z } from "zod";

import { WaiversDocument } from "./schema.ts";

export { auditWaivers, type Ending, type Running, type Uses, type WaiverAudit } from "./audit.ts";
export { approvalPayload, type Consent } from "./approval-payload.ts";
export { coveringWaiver, expiredWaiver, stateOf, type WaiverState } from "./coverage.ts";
export {
  lintWaivers,
  NO_WAIVERS,
  parseWaivers,
  type SignableApproval,
  type Waiver,
  type WaiverRegistry,
} from "./registry.ts";
export { waiverWeakenings } from "./weakenings.ts";
export { classOf, MAX_LIFE, type WaiverEntry } from "./schema.ts";
export { endOf } from "./end.ts";
export {
  appendWaiver,
  approveWaiver,
  endWaiver,
  instantText,
  type WrittenWaiver,
  writtenWaiver,
} from "./edit.ts";

/** JSON Schema (draft 2020-12) of the waiver document, for editors. */
export function waiversJsonSchema(): object {
  return z.toJSONSchema(WaiversDocument, { io: "input" });
}
