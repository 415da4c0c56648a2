import { EXIT, type ExitCode } from "../../core/index.ts";
import { readRecord, type RecordReport } from "../../record/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say } from "../terminal.ts";

/** `mc record verify`: exits 10 where something is missing or changed, and 11 where nothing of a record was found. */
export async function verifyRecord(
  paths: readonly string[],
  { output }: { readonly output: string },
): Promise<ExitCode> {
  const report = await readRecord(paths);
  print(output === "json" ? jsonAnswer({ ...report }) : textOf(report));
  if (report.problemCount > 0) return EXIT.refused;
  if (report.lines > 0) return EXIT.allowed;
  say("nothing in it is a line of a decision record");
  return EXIT.unknown;
}

function textOf({
  files,
  lines,
  decisions,
  unverified,
  chains,
  problems,
  problemCount,
}: RecordReport): string {
  const doubt = unverified > 0 ? `, ${unverified} of them of callers that were not verified` : "";
  const named = problems.map(({ file, line, rule, message }) => `${file}:${line}: ${message} [${rule}]`);
  const more = problemCount - problems.length;
  return [
    `${files} ${files === 1 ? "file" : "files"}, ${lines} lines, ${decisions} decisions${doubt}`,
    ...chains.map(
      ({ chain, first, last, head }) =>
        `${chain}: lines ${first} to ${last}, the last with SHA-256 ${head}${first > 1 ? `; lines before ${first} are not here` : ""}`,
    ),
    ...named,
    ...(more > 0 ? [`and ${more} more`] : []),
    problemCount === 0 ? "Nothing is missing or changed." : "Something is missing or changed.",
  ].join("\n");
}
