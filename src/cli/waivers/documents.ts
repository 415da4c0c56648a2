import { formatDuration, formatInstant, EXIT, type ExitCode, type Problem } from "../../core/index.ts";
import { lintWaivers, parseWaivers, stateOf, type Waiver, type WaiverRegistry } from "../../waivers/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { accepted, lintFiles, type LintOptions, problemLine } from "../problems.ts";
import { print, readText, say, table } from "../terminal.ts";

/** What is checked in addition to the rules of a waiver. */
export interface WaiversLintOptions extends LintOptions {
  /** Whether an expired waiver is a problem. */
  readonly strict?: boolean;
  readonly at?: Date;
}

/** `mc waivers lint`: every problem of waiver files, with line and rule. */
export function waiversLint(files: readonly string[], options: WaiversLintOptions): ExitCode {
  const { strict = false, at = new Date() } = options;
  const lint = (text: string): readonly Problem[] => [...lintWaivers(text), ...expiredIn(text, at)];
  return lintFiles(files, { key: "waivers.yaml", lint: strict ? lint : lintWaivers }, options);
}

function expiredIn(text: string, at: Date): Problem[] {
  const read = parseWaivers(text);
  const waivers = read.ok ? read.value.waivers : [];
  return waivers
    .filter((each) => stateOf(each, at) === "expired")
    .map(({ id, until, place }) => ({
      ...place,
      path: "",
      message: `${id} ended at ${formatInstant(until)}. Remove it, or renew it.`,
      rule: "expired",
    }));
}

export interface ListOptions extends LintOptions {
  /** The instant at which waivers are checked. */
  readonly at: Date;
  /** Why waivers do not count by a policy that asks for signed approvals, by id. */
  readonly ignored?: ReadonlyMap<string, string>;
}

/** `mc waivers list`: the waivers that count, soonest end first; what is unreadable is said on stderr. */
export function waiversList(file: string, { output, at, ignored = new Map() }: ListOptions): ExitCode {
  const { waivers, problems } = readWaivers(file);
  const sorted = waivers.toSorted((a, b) => a.until.getTime() - b.until.getTime());
  if (output === "json") print(jsonAnswer({ at, waivers: sorted.map((each) => json(each, at, ignored)) }));
  else print(listing(sorted, at, ignored));
  for (const problem of problems) say(`not a waiver: ${problemLine({ file, ...problem })}`);
  return problems.length + ignored.size === 0 ? EXIT.allowed : EXIT.refused;
}

/** The waivers of a file. Throws UsageError where it is unreadable as a whole. */
export function readWaivers(file: string): WaiverRegistry {
  return accepted(file, parseWaivers(readText(file)));
}

/** A waiver without what its approvals sign, which is long. */
function json({ approvals, ...waiver }: Waiver, at: Date, ignored: ReadonlyMap<string, string>): object {
  return {
    ...waiver,
    approvals: approvals.map(({ by, seat, bundle }) => ({ by, seat, signed: bundle !== undefined })),
    state: stateOf(waiver, at),
    ignored: ignored.get(waiver.id) ?? null,
  };
}

function listing(waivers: readonly Waiver[], at: Date, ignored: ReadonlyMap<string, string>): string {
  const rows = waivers.map((each) => row(each, at, ignored.has(each.id)));
  return [
    table(["ID", "CLASS", "STATE", "ENDS", "IN", "OWNERS", "DIGEST"], rows),
    ...[...ignored].map(([id, why]) => `${id} is ignored: ${why}.`),
  ].join("\n");
}

function row(waiver: Waiver, at: Date, isIgnored: boolean): string[] {
  const left = waiver.until.getTime() - at.getTime();
  return [
    waiver.id,
    waiver.class,
    isIgnored ? "ignored" : stateOf(waiver, at),
    formatInstant(waiver.until),
    left > 0 ? formatDuration(left) : "-",
    waiver.owners.join(","),
    waiver.digest.slice(0, 19),
  ];
}
