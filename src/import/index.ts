export { type ImportOptions } from "./draft.ts";
export { importPolicy, type Imported } from "./import-policy.ts";
export { type Effect, EFFECTS, type Loss } from "./loss.ts";
