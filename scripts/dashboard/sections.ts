import { CALLS, DECISIONS } from "./admission-sections.ts";
import type { Section } from "./panel.ts";
import { DOCUMENTS, NOW } from "./state-sections.ts";
import { ARGOCD, EVIDENCE, PROCESS } from "./work-sections.ts";

/** The whole dashboard, from what to read first. */
export const SECTIONS: readonly Section[] = [NOW, DECISIONS, EVIDENCE, DOCUMENTS, CALLS, ARGOCD, PROCESS];
