import { EXIT, type ExitCode } from "../../core/index.ts";
import { type Change, Replay, type ReplayGroup, type ReplayReport } from "../../policy-work/index.ts";
import { parsePolicy } from "../../policy/index.ts";
import { readRecord, type RecordReport } from "../../record/index.ts";
import { parseRevocations } from "../../revocations/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { accepted } from "../problems.ts";
import { colour, print, readText, say } from "../terminal.ts";
import { testedWaivers } from "./documents.ts";

/** Groups that text shows of each change. */
const MAX_SHOWN = 20;

/** What `mc policy replay` takes. */
export interface ReplayOptions {
  readonly decisions: readonly string[];
  readonly candidate: string;
  readonly waivers?: string;
  readonly revocations?: string;
  readonly at?: Date;
  readonly output: "text" | "json";
}

/**
 * `mc policy replay`: recorded decisions by another policy. Exits 10 where one comes out otherwise, and 11 where one cannot be
 * judged again, the record is not whole, or has none.
 */
export async function policyReplay(options: ReplayOptions): Promise<ExitCode> {
  const { candidate, waivers, revocations, at, decisions, output } = options;
  const replay = new Replay({
    policy: accepted(candidate, parsePolicy(readText(candidate))),
    waivers: waivers === undefined ? undefined : testedWaivers(waivers),
    revocations:
      revocations === undefined ? undefined : accepted(revocations, parseRevocations(readText(revocations))),
    at,
  });
  const { problems, problemCount } = await readRecord(decisions, (line) => void replay.take(line));
  const report = replay.report();
  if (output === "json") print(jsonAnswer({ ...report, problems, problemCount }));
  else print(textOf(report));
  if (problemCount > 0) sayProblems(problems, problemCount);
  if (report.decisions === 0) say("nothing in it is a decision of a record");
  return exitCode(report, problemCount);
}

function exitCode({ decisions, changes }: ReplayReport, problemCount: number): ExitCode {
  const { unchanged, notReplayable } = changes;
  if (unchanged + notReplayable < decisions) return EXIT.refused;
  const isWhole = decisions > 0 && notReplayable === 0 && problemCount === 0;
  return isWhole ? EXIT.allowed : EXIT.unknown;
}

function sayProblems(problems: RecordReport["problems"], count: number): void {
  for (const { file, line, rule, message } of problems) say(`${file}:${line}: ${message} [${rule}]`);
  if (count > problems.length) say(`and ${count - problems.length} more`);
  say("The record is not whole: see mc record verify.");
}

const TITLES: Readonly<Record<ReplayGroup["change"], string>> = {
  newlyRefused: "newly refused",
  newlyAllowed: "newly allowed",
  newlyWarned: "newly warned of",
  noLongerWarned: "no longer warned of",
  notReplayable: "not replayable",
};

function textOf({ decisions, changes, groups, ungrouped }: ReplayReport): string {
  const counted = (Object.keys(TITLES) as ReplayGroup["change"][]).filter((change) => changes[change] > 0);
  return [
    ...counted.flatMap((change) => section(change, changes[change], groups)),
    ...(ungrouped > 0 ? [`${ungrouped} decisions of further workloads are counted, and not listed.`] : []),
    `${decisions} decisions: ${changes.unchanged} come out as they did${counted.map((change) => `, ${changes[change]} ${TITLES[change]}`).join("")}.`,
  ].join("\n");
}

function section(change: ReplayGroup["change"], count: number, groups: readonly ReplayGroup[]): string[] {
  const own = groups.filter((each) => each.change === change);
  const more = own.length - MAX_SHOWN;
  return [
    colour(STYLES[change] ?? "bold", `${count} ${TITLES[change]}`),
    ...own.slice(0, MAX_SHOWN).flatMap(groupLines),
    ...(more > 0 ? [`  and ${more} more groups: -o json lists them`] : []),
    "",
  ];
}

const STYLES: Partial<Readonly<Record<Change, "red" | "yellow">>> = {
  newlyRefused: "red",
  notReplayable: "yellow",
};

function groupLines({
  namespace,
  kind,
  name,
  decisions,
  owners,
  images,
  reasons,
  uid,
}: ReplayGroup): string[] {
  const from = owners.length > 0 ? `, built from ${owners.join(", ")}` : "";
  return [
    `  ${namespace} ${kind} ${name}: ${decisions}, the last ${uid}${from}`,
    ...images.map((image) => `    ${image}`),
    ...reasons.map((reason) => `    - ${reason}`),
  ];
}
