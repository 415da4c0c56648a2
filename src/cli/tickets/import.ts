import { EXIT, type ExitCode, printable, UsageError } from "../../core/index.ts";
import { githubTracker, type ImportReport, importTickets, readTickets } from "../../fleet/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { accepted } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { withFleetClient } from "../with-fleet-client.ts";

const MAX_TEXT = 200;

export interface ImportOptions {
  readonly repo: string;
  /** `NAME=LOGIN`. */
  readonly assignee: readonly string[];
  readonly githubApi: string;
  readonly yes: boolean;
  readonly output: "text" | "json";
}

/** `mc tickets import`. */
export async function importCommand(file: string, options: ImportOptions): Promise<ExitCode> {
  const { repo, yes: write } = options;
  if (!/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(repo))
    throw new UsageError(`${repo.slice(0, MAX_TEXT)} is not owner/name`);
  const { tickets, notCarried } = accepted(file, readTickets(readText(file)));
  const people = new Map(options.assignee.map(personOf));
  return withFleetClient(options.githubApi, async (client) => {
    const report = await importTickets(githubTracker(client, repo), { tickets, people, write });
    if (options.output === "json") print(jsonAnswer({ written: write, ...report, notCarried }));
    else show(report, notCarried, write);
    return exitCode(report, write);
  });
}

function personOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1)
    throw new UsageError(`--assignee ${text.slice(0, MAX_TEXT)} is not name=login`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function show(
  { labels, milestones, tickets, unassigned }: ImportReport,
  notCarried: readonly string[],
  write: boolean,
): void {
  for (const label of labels) print(`label      create  ${printable(label, MAX_TEXT)}`);
  for (const title of milestones) print(`milestone  create  ${printable(title, MAX_TEXT)}`);
  for (const { id, action, number } of tickets)
    print(`issue      ${action.padEnd(6)}  ${id}${number === undefined ? "" : ` #${number}`}`);
  if (notCarried.length > 0) say(`Not carried: ${printable(notCarried.join(", "), MAX_TEXT)}.`);
  for (const name of unassigned)
    say(
      `${printable(name, MAX_TEXT)} cannot be assigned here; give --assignee '${printable(name, MAX_TEXT)}=LOGIN'.`,
    );
  if (!write) say("Nothing was written; give --yes.");
}

function exitCode({ labels, milestones, tickets, unassigned }: ImportReport, write: boolean): ExitCode {
  const isLeft = labels.length + milestones.length > 0 || tickets.some(({ action }) => action !== "none");
  return unassigned.length > 0 || (isLeft && !write) ? EXIT.refused : EXIT.allowed;
}
