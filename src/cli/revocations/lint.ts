import { DOCUMENTS } from "../../composition/index.ts";
import type { Problem, ExitCode } from "../../core/index.ts";
import { ownApprovals } from "../../documents/index.ts";
import { lintFiles, type LintOptions } from "../problems.ts";

/** `mc revocations lint`: every problem of revocation files, with line and rule. */
export function revocationsLint(files: readonly string[], options: LintOptions): ExitCode {
  return lintFiles(files, { key: "revocations.yaml", lint: problemsIn }, options);
}

/**
 * What the gate would not read, and approvals by anyone who asks: those the gate refuses in an edit, and reads
 * nevertheless, since a revocation in force must not end by how it was approved.
 */
function problemsIn(text: string): readonly Problem[] {
  const { entries, lint } = DOCUMENTS.revocations;
  return [...lint(text), ...ownApprovals({ before: undefined, after: text, key: entries }, undefined)];
}
