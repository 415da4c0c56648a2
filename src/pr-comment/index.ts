export { type Comment, commentOf, type CommentRun, fingerprintOf, MARKER } from "./comment.ts";
export { intendedFor, type PullRequest, type RunHead, speaksFor } from "./intended.ts";
export { type FolderFile, type ReportFile, type Reports, readReports, REPORT_FILES } from "./reports.ts";
export { sarifOf } from "./sarif.ts";
