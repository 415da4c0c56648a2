import { Fault, isSamePerson, type Parsed, type Problem, EXIT, type ExitCode } from "../../core/index.ts";
import { appendRevocations, type RevocationEntry, revocationText } from "../../revocations/index.ts";
import { approvalOf } from "../approvals.ts";
import { editFile } from "../edit-file.ts";
import { jsonAnswer } from "../json-answer.ts";
import { problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { withChildren } from "./children.ts";
import { draftEntries, type EntryFrame, type EntryOptions } from "./draft.ts";

export interface AddOptions extends EntryOptions {
  readonly id: string;
  readonly reason: string;
  readonly requestedBy?: string;
  readonly approve: readonly string[];
  /** Print the document, and write nothing. */
  readonly dryRun: boolean;
  readonly output: "text" | "json";
}

/** `mc revocations add`: writes entries at the end of the list. Nothing is written unless all of it is sound. */
export async function revocationsAdd(options: AddOptions): Promise<ExitCode> {
  const { revocations: file, dryRun } = options;
  const frame = frameOf(options, new Date());
  const entries = await withChildren(options, (children) => draftEntries(options, frame, children));
  if (entries instanceof Fault) {
    say(`Nothing is written: ${entries.message}.`);
    return EXIT.unknown;
  }
  const own = ownConsent(frame, file);
  const result = await appended(entries, { ...options, dryRun: dryRun || own.length > 0 });
  const problems = result.ok ? own : result.problems;
  if (problems.length > 0 || !result.ok) return refused(problems, options);
  if (frame.approvals?.length === 0) say("No approval is named; add them by --approve, or in the review.");
  told(result.value, entries, options);
  return EXIT.allowed;
}

function refused(found: readonly Problem[], { revocations: file, output }: AddOptions): ExitCode {
  const problems = found.map((problem) => ({ file, ...problem }));
  if (output === "json") print(jsonAnswer({ written: false, entries: [], document: null, problems }));
  for (const problem of problems) say(problemLine(problem));
  say("Nothing is written.");
  return EXIT.refused;
}

/** The document with the entries, written unless it is a dry run or has problems. */
async function appended(
  entries: readonly RevocationEntry[],
  { revocations: file, dryRun }: AddOptions,
): Promise<Parsed<string>> {
  if (dryRun || file === "-") return appendRevocations(readText(file), entries);
  return editFile(file, (before) => {
    const result = appendRevocations(before, entries);
    return { text: result.ok ? result.value : undefined, result };
  });
}

/** What was written, or the whole document where it was not. */
function told(document: string, entries: readonly RevocationEntry[], options: AddOptions): void {
  const { revocations: file, dryRun, output } = options;
  const written = !dryRun && file !== "-";
  if (output === "json")
    print(jsonAnswer({ written, entries, document: written ? null : document, problems: [] }));
  else print(written ? entries.map(revocationText).join("").trimEnd() : document.replace(/\r?\n$/, ""));
  if (written) say(`Written to ${file}; it counts as soon as the gate's ConfigMap holds it.`);
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
      message: `${by} requests it and cannot approve it in ${file}.`,
    }));
}
