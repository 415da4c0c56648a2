import { Fault, isSamePerson, type Problem } from "../../core/index.ts";
import { appendRevocations, type RevocationEntry, revocationText } from "../../revocations/index.ts";
import { approvalOf } from "../approvals.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { writeWhole } from "../write-whole.ts";
import { withChildren } from "./children.ts";
import { draftEntries, type EntryFrame, type EntryOptions } from "./draft.ts";

/** What `mc revoke add` takes. */
export interface AddOptions extends EntryOptions {
  readonly id: string;
  readonly reason: string;
  readonly requestedBy?: string;
  readonly approve: readonly string[];
  /** Print the document, and write nothing. */
  readonly dryRun: boolean;
}

/** `mc revoke add`: writes entries at the end of the list. Nothing is written unless all of it is sound. */
export async function revokeAdd(options: AddOptions): Promise<ExitCode> {
  const { revocations: file, dryRun } = options;
  const frame = frameOf(options, new Date());
  const entries = await withChildren(options, (children) => draftEntries(options, frame, children));
  if (entries instanceof Fault) {
    say(`Nothing is written: ${entries.message}.`);
    return EXIT.unknown;
  }
  const text = readText(file);
  const result = appendRevocations(text, entries);
  const problems = result.ok ? ownConsent(frame, file) : result.problems;
  for (const problem of problems) say(problemLine({ file, ...problem }));
  if (problems.length > 0 || !result.ok) {
    say("Nothing is written.");
    return EXIT.refused;
  }
  if (frame.approvals?.length === 0) say("No approval is named; add them by --approve, or in the review.");
  if (dryRun || file === "-") print(result.value.replace(/\r?\n$/, ""));
  else written(file, result.value, entries);
  return EXIT.allowed;
}

function written(file: string, text: string, entries: readonly RevocationEntry[]): void {
  writeWhole(file, text);
  print(entries.map(revocationText).join("").trimEnd());
  say(`Written to ${file}; it counts as soon as the gate's ConfigMap holds it.`);
}

function frameOf(options: AddOptions, now: Date): EntryFrame {
  const { id, reason, requestedBy } = options;
  const created = `${now.toISOString().slice(0, 19)}Z`;
  return {
    id,
    reason,
    ...(requestedBy !== undefined && { requestedBy }),
    approvals: options.approve.map((text) => approvalOf(text, created)),
    created,
  };
}

/** Who asks for a revocation does not approve it: the gate's webhook would refuse it, too. */
function ownConsent({ requestedBy, approvals = [] }: EntryFrame, file: string): Problem[] {
  if (requestedBy === undefined) return [];
  return approvals
    .filter(({ by }) => isSamePerson(by, requestedBy))
    .map(({ by }) => ({
      line: 1,
      column: 1,
      path: "approvals",
      rule: "own-approval",
      message: `${by} asks for it and cannot approve it in ${file}.`,
    }));
}
