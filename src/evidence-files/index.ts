export { type EvidenceFiles, openEvidenceFiles } from "./evidence-files.ts";
