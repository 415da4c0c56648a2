import type { Comment, GitHub, Issue } from "../../outbound/index.ts";
import { isoWeek, markerOf, type Reminder, stampsIn, weekIn } from "./reminder.ts";

const LABEL = "mc-gate-waivers";
const WEEK_MS = 7 * 86_400_000;
const EMPTY = "Nothing more.";

/** The issues that the token's own user wrote: anyone may write one with the label, and no one else's text counts. */
export interface OwnIssues {
  /** The one of this week, the oldest where there are several. */
  readonly current: Issue | undefined;
  /** Its comments by the same user. */
  readonly comments: readonly Comment[];
  /** Open ones of former weeks, and further ones of this week, which are to be closed. */
  readonly outdated: readonly Issue[];
  /** What Slack was notified of, this week and the one before. */
  readonly stamps: readonly string[];
}

export async function ownIssues(github: GitHub, login: string, at: Date): Promise<OwnIssues> {
  const week = isoWeek(at);
  const before = isoWeek(new Date(at.getTime() - WEEK_MS));
  const own = (await github.issues(LABEL))
    .filter((issue) => issue.user?.login === login && weekIn(textOf(issue)) !== undefined)
    .toSorted((a, b) => a.number - b.number);
  const [current, ...others] = own.filter((issue) => weekIn(textOf(issue)) === week);
  const former = own.filter((issue) => weekIn(textOf(issue))! < week);
  const told = own.filter((issue) => [week, before].includes(weekIn(textOf(issue))!));
  const comments = new Map<number, readonly Comment[]>();
  for (const { number } of told) comments.set(number, await ownComments(github, login, number));
  return {
    current,
    comments: (current && comments.get(current.number)) ?? [],
    outdated: [...former, ...others].filter(({ state }) => state === "open"),
    stamps: stampsIn([...own, ...[...comments.values()].flat()].map(textOf)),
  };
}

/** The comments of an issue that a user wrote, the oldest first. */
export async function ownComments(github: GitHub, login: string, number: number): Promise<Comment[]> {
  const comments = await github.comments(number);
  return comments.filter(({ user }) => user?.login === login).toSorted((a, b) => a.id - b.id);
}

/** What is to be done to the issue of this week. */
export function changeOf(
  { current, comments }: OwnIssues,
  { pages }: Reminder,
): "create" | "update" | "keep" {
  if (current === undefined) return "create";
  const texts = [current, ...comments].map(textOf);
  const isThere = pages.every((page) => texts.includes(page));
  return isThere && surplusOf(comments, pages).length === 0 ? "keep" : "update";
}

/**
 * Brings the issue of this week up to date: its text and the comments that continue where it ends. Where another run
 * made one at the same time, the older one is it and this one is closed. Closes the issues of former weeks.
 */
export async function writeIssue(
  github: GitHub,
  { login, at, reminder }: { readonly login: string; readonly at: Date; readonly reminder: Reminder },
  before: OwnIssues,
): Promise<Issue> {
  const made = before.current === undefined ? await createIssue(github, reminder) : undefined;
  const own = made === undefined ? before : await ownIssues(github, login, at);
  // A list may lag behind what was just made.
  const issue = own.current ?? made!;
  await writePages(github, issue, reminder, own.comments);
  const isOther = made !== undefined && made.number !== issue.number;
  const outdated = new Map([...own.outdated, ...(isOther ? [made] : [])].map((each) => [each.number, each]));
  for (const number of outdated.keys()) await github.updateIssue(number, { state: "closed" });
  return issue;
}

function createIssue(github: GitHub, { title, pages }: Reminder): Promise<Issue> {
  return github.createIssue({ title, body: pages[0]!, labels: [LABEL] });
}

async function writePages(
  github: GitHub,
  issue: Issue,
  { week, pages: [first = "", ...further] }: Reminder,
  comments: readonly Comment[],
): Promise<void> {
  if (textOf(issue) !== first) await github.updateIssue(issue.number, { body: first });
  for (const [at, page] of further.entries()) {
    const old = comments.find((each) => textOf(each).startsWith(markerOf(week, at + 2)));
    if (old === undefined) await github.createComment(issue.number, page);
    else if (textOf(old) !== page) await github.updateComment(old.id, page);
  }
  for (const { id, body } of surplusOf(comments, [first, ...further]))
    await github.updateComment(id, `${body!.split("\n", 1)[0]!.trimEnd()}\n${EMPTY}`);
}

/** Comments that held a page of a longer reminder. */
function surplusOf(comments: readonly Comment[], pages: readonly string[]): readonly Comment[] {
  return comments.filter((each) => {
    const page = Number(/^<!-- mc-gate:waivers:\d{4}-W\d{2}:(\d{1,3}) -->\n/.exec(textOf(each))?.[1] ?? 0);
    return page > pages.length && !textOf(each).endsWith(EMPTY);
  });
}

/** GitHub may give line ends as a browser sent them. */
export function textOf({ body }: Pick<Issue, "body">): string {
  return (body ?? "").replaceAll("\r\n", "\n");
}
