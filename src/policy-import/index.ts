export type { ImportOptions } from "./draft.ts";
export { type Imported, importPolicy } from "./import-policy.ts";
export { EFFECTS, type Effect, type Incompatibility } from "./incompatibility.ts";
