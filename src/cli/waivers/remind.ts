import type { GitHub, Issue } from "../../notify/index.ts";
import { auditWaivers, type Ending, type WaiverAudit } from "../../waivers/index.ts";
import type { ExitCode } from "../exit-codes.ts";
import { print } from "../terminal.ts";
import { runningIn } from "./audit.ts";
import { readWaivers } from "./documents.ts";
import { type Reminder, slackMessage, stampOf, stampsIn, weeklyReminder } from "./reminder.ts";
import { usesIn } from "./uses.ts";
import { type PostMessage, withGitHub } from "./with-github.ts";

const LABEL = "mc-gate-waivers";

/** What `mc waivers remind` takes. */
export interface RemindOptions {
  readonly repo: string;
  readonly at: Date;
  readonly uses: readonly string[];
  readonly workloads?: string;
  /** Write and post; else only say what would be. */
  readonly apply: boolean;
  readonly output: "text" | "json";
}

/** What was done, or would be. */
interface Done {
  readonly issue: "create" | "update" | "keep";
  readonly url: string | null;
  /** Waivers that Slack is told of. */
  readonly slack: readonly string[];
  readonly applied: boolean;
  readonly body: string;
}

/** `mc waivers remind`: one issue for each week, and a message to Slack 48 hours before an end, each once. */
export async function waiversRemind(file: string, options: RemindOptions): Promise<ExitCode> {
  const { at, uses, workloads, output } = options;
  const { waivers } = readWaivers(file);
  const audit = auditWaivers(waivers, {
    now: at,
    ...(uses.length > 0 && { uses: usesIn(uses) }),
    ...(workloads !== undefined && { running: runningIn(workloads) }),
  });
  return withGitHub(options, async (github, slack) => {
    const done = await remind(audit, options, { github, slack });
    print(output === "json" ? JSON.stringify({ version: 1, ...done }, undefined, 2) : told(done));
  });
}

interface Channels {
  readonly github: GitHub;
  readonly slack: PostMessage;
}

/** The issue of the week as it is and as it is to be, and whom Slack is to be told of. */
interface Planned {
  readonly old: Issue | undefined;
  readonly next: Reminder;
  readonly kept: readonly string[];
  readonly due: readonly Ending[];
  readonly what: Done["issue"];
}

async function plan(audit: WaiverAudit, at: Date, { github, slack }: Channels): Promise<Planned> {
  const issues = await github.issues(LABEL);
  const before = stampsIn(issues.map(textOf));
  const due = slack === undefined ? [] : audit.ending.filter((each) => !before.includes(stampedBy(each)));
  const { marker } = weeklyReminder(audit, at, []);
  const old = issues.find((issue) => textOf(issue).startsWith(marker));
  const kept = stampsIn(old === undefined ? [] : [textOf(old)]);
  const next = weeklyReminder(audit, at, kept);
  if (old === undefined) return { old, next, kept, due, what: "create" };
  return { old, next, kept, due, what: textOf(old) === next.body ? "keep" : "update" };
}

/**
 * The issue first, since it keeps what was told; then the message; then the stamps. What ends in between tells twice
 * rather than never.
 */
async function remind(audit: WaiverAudit, { at, apply }: RemindOptions, channels: Channels): Promise<Done> {
  const planned = await plan(audit, at, channels);
  const { old, next, kept, due, what } = planned;
  const slack = due.map(({ waiver }) => waiver.id);
  const done = { issue: what, url: old?.html_url ?? null, slack, applied: apply, body: next.body };
  if (!apply) return done;
  const { github, slack: post } = channels;
  const issue = await written(github, planned);
  if (post === undefined || due.length === 0) return { ...done, url: issue.html_url };
  await post(slackMessage(due, at));

  const { body } = weeklyReminder(audit, at, [...kept, ...due.map(stampedBy)]);
  await github.updateIssue(issue.number, { body });
  return { ...done, url: issue.html_url, body };
}

async function written(github: GitHub, { old, next: { title, body }, what }: Planned): Promise<Issue> {
  if (old === undefined) return github.createIssue({ title, body, labels: [LABEL] });
  return what === "keep" ? old : github.updateIssue(old.number, { body });
}

/** GitHub may give line ends as a browser sent them. */
function textOf({ body }: Issue): string {
  return (body ?? "").replaceAll("\r\n", "\n");
}

function stampedBy({ waiver }: Ending): string {
  return stampOf(waiver);
}

function told({ issue, url, slack, applied, body }: Done): string {
  const what = { create: "created", update: "updated", keep: "left as it is" }[issue];
  return [
    body,
    "",
    `The issue ${applied ? "is" : "would be"} ${what}${url === null ? "" : `: ${url}`}.`,
    slack.length === 0
      ? "Slack has nothing to be told."
      : `Slack ${applied ? "was" : "would be"} told of ${slack.join(", ")}.`,
    ...(applied ? [] : ["A dry run; --apply does it."]),
  ].join("\n");
}
