export { type Callers, UNVERIFIED_CALLERS, onlyFrom, withCaller } from "./callers.ts";
export { createConcurrencyLimit } from "./concurrency-limit.ts";
export { decisionBudgetMs } from "./deadline.ts";
export { type BufferedBody, createIntake } from "./intake.ts";
export { declaredLength, registerAdmission } from "./plugin.ts";
export type {
  AdmissionDeps,
  AnswerGuard,
  DecisionRecord,
  GuardCircumstances,
  UnreadRecord,
} from "./ports.ts";
export { type WorkloadReview, readWorkload } from "./read-workload.ts";
export { type AnsweredReview, pass, refuse } from "./response.ts";
export { type ReadPartsElsewhere, readPartly, readReviewParts } from "./review-parts.ts";
export { type AdmissionRequest, readHead } from "./review.ts";
export { denial, oneLine, reasons } from "./sentences.ts";
