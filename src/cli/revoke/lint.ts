import { DOCUMENTS } from "../document-table.ts";
import type { ExitCode } from "../exit-codes.ts";
import { lintFiles, type LintOptions } from "../problems.ts";

/** `mc revoke lint`: every problem of revocation files, with line and rule. */
export function revokeLint(files: readonly string[], options: LintOptions): ExitCode {
  return lintFiles(files, DOCUMENTS.revocations.lint, options);
}
