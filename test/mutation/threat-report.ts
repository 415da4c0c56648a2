import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { dirname, relative } from "node:path";

import type { Mutant } from "../threats/mutants/index.ts";

/** What one mutant came to: `killed` by a failed assertion, `survived`, or `broken` where no test ran at all. */
export type Outcome = "killed" | "survived" | "broken";

/** A mutant that was tried. */
export interface Tried {
  /** Of the threat. */
  readonly number: string;
  /** Path of its test from the project's folder. */
  readonly test: string;
  readonly mutant: Mutant;
  readonly outcome: Outcome;
}

/** One run of all that were asked for. */
export interface Run {
  /** As `commitOfProject` says it. */
  readonly commit: string;
  readonly tried: readonly Tried[];
  readonly began: Date;
  readonly ended: Date;
}

/** What decides on the outcome: a run with changes in it that are not committed says so. */
const JUDGED = ["src", "test/threats", "test/support", "charts", "manifests", "deploy"];

/** A run as a page, whose links lead from `out` to the tests. */
export function threatReport({ commit, tried, began, ended }: Run, out: string): string {
  const killed = tried.filter(({ outcome }) => outcome === "killed").length;
  const minutes = Math.ceil((ended.getTime() - began.getTime()) / 60_000);
  return `# Mutants of the threats

Written by \`npm run mutation:threats -- --out ${out}\`; how to read it: [mutation testing](mutation.md#threats). Each change
opens one known way past the gate, and the test of that number alone has to fail.

| | |
| --- | --- |
| Date | ${began.toISOString().slice(0, 10)} |
| Commit | ${commit} |
| Machine | ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version} |
| Time | ${minutes} minutes |
| Killed | ${killed} of ${tried.length} |

| Threat | File | Changed | Outcome |
| --- | --- | --- | --- |
${tried.map((each) => row(each, out)).join("\n")}
`;
}

function row({ number, test, mutant, outcome }: Tried, out: string): string {
  const link = `[${number}](${relative(dirname(out), test)})`;
  const shown = outcome === "killed" ? outcome : `**${outcome}**`;
  return `| ${link} | \`${mutant.file}\` | ${code(firstLine(mutant.from))} | ${shown} |`;
}

/** Code in a cell of a table. */
function code(text: string): string {
  return `\`\` ${text.replaceAll("|", "\\|")} \`\``;
}

/** The first line of what a mutant changes, cut. */
export function firstLine(text: string): string {
  return text.trim().split("\n")[0]!.slice(0, 80);
}

/** The commit that is checked out, and whether anything was changed since that decides on the outcome. */
export function commitOfProject(): string {
  const id = git("rev-parse", "--short=12", "HEAD");
  const changed = git("status", "--porcelain", "--", ...JUDGED.map((path) => `:/${path}`));
  return `\`${id}\`${changed === "" ? "" : ", with changes that are not committed"}`;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
}
