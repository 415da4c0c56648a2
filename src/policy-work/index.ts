export { casesJsonSchema } from "./cases-document.ts";
export { type CaseResult, readCases, runCases } from "./run-cases.ts";
