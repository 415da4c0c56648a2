import type { ExitCode } from "../../core/index.ts";
import { type Ending, type WaiverAudit } from "../../waivers/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print } from "../terminal.ts";
import { type Channels, withGitHub } from "../with-github.ts";
import { type AuditInputs, auditOf } from "./audit.ts";
import { readWaivers } from "./documents.ts";
import { stampOf, weeklyReminder } from "./reminder.ts";
import { tellSlack } from "./telling.ts";
import { changeOf, ownIssues, writeIssue } from "./weekly-issue.ts";

export interface RemindOptions extends AuditInputs {
  readonly repo: string;
  /** Write and post; else only say what would be. */
  readonly apply: boolean;
  readonly output: "text" | "json";
}

/** What was done, or would be. */
interface Done {
  readonly issue: "create" | "update" | "keep";
  readonly url: string | null;
  /** Numbers of the issues that are out of date. */
  readonly closed: readonly number[];
  /** Waivers that Slack is notified of. */
  readonly slack: readonly string[];
  readonly applied: boolean;
  /** The issue's text, with the comments that continue where it ends. */
  readonly body: string;
}

/** `mc waivers remind`: one issue for each week, and messages to Slack 48 hours before an end, each once. */
export async function waiversRemind(file: string, options: RemindOptions): Promise<ExitCode> {
  const { waivers } = readWaivers(file);
  const audit = auditOf(waivers, options);
  return withGitHub(options, async (channels) => {
    const done = await remind(audit, options, channels);
    print(options.output === "json" ? jsonAnswer({ ...done }) : told(done));
  });
}

/** The issue first, since its comments keep what Slack was notified of; then the messages, each with its record. */
async function remind(
  audit: WaiverAudit,
  { at, apply }: RemindOptions,
  { github, slack: post }: Channels,
): Promise<Done> {
  const login = await github.viewer();
  const own = await ownIssues(github, login, at);
  const reminder = weeklyReminder(audit, at);
  const due = post === undefined ? [] : audit.ending.filter((each) => !own.stamps.includes(stampedBy(each)));
  const done = {
    issue: changeOf(own, reminder),
    url: own.current?.html_url ?? null,
    closed: own.outdated.map(({ number }) => number),
    slack: due.map(idOf),
    applied: apply,
    body: reminder.pages.join("\n"),
  };
  if (!apply) return done;
  const issue = await writeIssue(github, { login, at, reminder }, own);
  const url = issue.html_url;
  if (post === undefined) return { ...done, url };
  return { ...done, url, slack: (await tellSlack({ github, post, login, issue, due, at })).map(idOf) };
}

function stampedBy({ waiver }: Ending): string {
  return stampOf(waiver);
}

function idOf({ waiver }: Ending): string {
  return waiver.id;
}

function told({ issue, url, closed, slack, applied, body }: Done): string {
  const what = { create: "created", update: "updated", keep: "left as it is" }[issue];
  const numbers = closed.map((number) => `#${number}`).join(", ");
  return [
    body,
    "",
    `The issue ${applied ? "is" : "would be"} ${what}${url === null ? "" : `: ${url}`}.`,
    ...(closed.length === 0
      ? []
      : [`Issues of former weeks ${applied ? "are" : "would be"} closed: ${numbers}.`]),
    slack.length === 0
      ? "There is nothing to notify Slack about."
      : `Slack ${applied ? "was" : "would be"} notified about ${slack.join(", ")}.`,
    ...(applied ? [] : ["A dry run; --apply does it."]),
  ].join("\n");
}
