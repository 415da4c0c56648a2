import { appendFileSync } from "node:fs";

import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import type { Comment as GitHubComment, GitHub } from "../../outbound/index.ts";
import {
  type Comment,
  commentOf,
  fingerprintOf,
  intendedFor,
  type PullRequest,
  readReports,
  type Reports,
  sarifOf,
  speaksFor,
} from "../../pr-comment/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say } from "../terminal.ts";
import { withGitHub } from "../with-github.ts";
import { writeOutput } from "../write-output.ts";
import { readFolder } from "./read-folder.ts";

export interface PrCommentOptions {
  readonly repo: string;
  readonly run: number;
  readonly pull?: number;
  /** Write; else only say what would be. */
  readonly apply: boolean;
  /** The file that the whole text is appended to. */
  readonly summary?: string;
  /** The file that the findings are written to. */
  readonly sarif?: string;
  readonly output: "text" | "json";
}

/** What becomes of the comment; `skip` where there is none and nothing to say. */
type Change = "create" | "update" | "keep" | "skip";

/** `mc pr-comment`. */
export async function prComment(folder: string, options: PrCommentOptions): Promise<ExitCode> {
  const reports = readReports(readFolder(folder));
  const number = options.pull ?? intendedFor(reports);
  if (number === undefined) return withoutPull(reports);
  return withGitHub(options, async ({ github }) => {
    const run = await github.run(options.run);
    const pull = toPullRequest(await github.pull(number));
    const speaks = speaksFor(run, pull);
    if (speaks === "no") {
      say(`Refused: run ${options.run} is not one of pull request ${number}, by what GitHub says.`);
      return EXIT.refused;
    }
    if (speaks !== "yes") return passedBy(speaks, number);
    const comment = commentOf(reports, run);
    if (options.summary !== undefined) appendFileSync(options.summary, comment.whole);
    if (options.sarif !== undefined) writeOutput(options.sarif, sarifOf(reports));
    const change = await settle(github, number, comment, options.apply);
    print(answer({ number, commit: pull.commit, comment, change }, options));
    return EXIT.allowed;
  });
}

function toPullRequest({ state, head }: Awaited<ReturnType<GitHub["pull"]>>): PullRequest {
  return { state, commit: head.sha, repository: head.repo?.full_name, branch: head.ref };
}

function withoutPull({ scans, unread }: Reports): ExitCode {
  if (scans.length + unread.length > 0)
    throw new UsageError("the reports name no pull request, or several; name it with --pull");
  say("There are no reports: nothing to say.");
  return EXIT.allowed;
}

function passedBy(speaks: "moved" | "closed", number: number): ExitCode {
  say(
    speaks === "moved" ? `Pull request ${number} has a newer commit.` : `Pull request ${number} is not open.`,
  );
  return EXIT.allowed;
}

/** Edits the oldest comment of the token's own user, and removes others, which concurrent runs may have made. */
async function settle(
  github: GitHub,
  number: number,
  { body, isWorthSaying }: Comment,
  apply: boolean,
): Promise<Change> {
  const login = await github.viewer();
  const [first, ...others] = (await github.comments(number)).filter((each) => isOwn(each, login));
  const change = changeOf(first, body, isWorthSaying);
  if (!apply) return change;
  if (change === "create") await github.createComment(number, body);
  if (change === "update") await github.updateComment(first!.id, body);
  for (const { id } of others) await github.deleteComment(id);
  return change;
}

function isOwn({ user, body }: GitHubComment, login: string): boolean {
  return user?.login === login && fingerprintOf(body ?? "") !== undefined;
}

/** Silent where nothing changed, and where all is well from the beginning. */
function changeOf(first: GitHubComment | undefined, body: string, isWorthSaying: boolean): Change {
  if (first === undefined) return isWorthSaying ? "create" : "skip";
  return fingerprintOf(first.body ?? "") === fingerprintOf(body) ? "keep" : "update";
}

interface Done {
  readonly number: number;
  readonly commit: string;
  readonly comment: Comment;
  readonly change: Change;
}

function answer(
  { number, commit, comment, change }: Done,
  { output, apply }: Pick<PrCommentOptions, "output" | "apply">,
): string {
  const { verdict, body } = comment;
  if (output === "json") return jsonAnswer({ pull: number, commit, verdict, change, applied: apply, body });
  const done = { create: "created", update: "updated", keep: "left as it is", skip: "not written" }[change];
  return `${body}\n\nThe comment on pull request ${number} ${apply ? "is" : "would be"} ${done}.`;
}
