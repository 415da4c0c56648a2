import { cel } from "./cel.ts";
import type { Gate } from "./gate.ts";
import { promotable } from "./promotable.ts";
import { provenance } from "./provenance.ts";
import { reference } from "./reference.ts";
import { sbom } from "./sbom.ts";
import { signature } from "./signature.ts";
import { vulnerability } from "./vulnerability.ts";

export type { AuthorityUse, Gate, GateContext, Requirement } from "./gate.ts";
export { newestSummaries, SUMMARY_TYPES } from "./promotable.ts";
export { unpinned } from "./reference.ts";

/** Every gate, in the order in which a refusal names them. A new gate is a file next to this one and a line here. */
export const GATES: readonly Gate[] = [
  reference,
  signature,
  provenance,
  sbom,
  vulnerability,
  promotable,
  cel,
];
