export { thinkingTime } from "./deadline.ts";
export type { GuardedDocument, May } from "./guard.ts";
export { registerAdmission } from "./plugin.ts";
export { type WorkloadPath, workloadPath, WORKLOADS } from "./podspecs.ts";
export type { AdmissionDeps, DecisionRecord } from "./ports.ts";
export type { AnsweredReview } from "./response.ts";
export { type AdmissionRequest, readReview } from "./review.ts";
export { denial } from "./sentences.ts";
export { imagePaths, type LocatedImage, podImages } from "./subjects.ts";
