import { z } from "zod";

import { EnforcementDocument } from "./document.ts";

export { MAX_SWITCH_MS } from "./document.ts";
export { type Editor, enforcementWeakenings, forbiddenEdits } from "./edits.ts";
export {
  type Enforcement,
  isRepetition,
  NO_SWITCHES,
  parseEnforcement,
  scopeOf,
  type Switch,
  switchesAt,
} from "./enforcement.ts";
export { EMPTY_ENFORCEMENT, type SwitchEntry, withConfirmation, withEnd, withSwitch } from "./write.ts";

/** JSON Schema (draft 2020-12) of the enforcement document, for editors. */
export function enforcementJsonSchema(): object {
  return z.toJSONSchema(EnforcementDocument, { io: "input" });
}
