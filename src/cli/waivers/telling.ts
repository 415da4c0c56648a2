import { RetryLater } from "../../core/index.ts";
import type { GitHub, Issue } from "../../outbound/index.ts";
import type { Ending } from "../../waivers/index.ts";
import { say } from "../terminal.ts";
import { recordText, slackMessages, stampOf, stampsIn } from "./reminder.ts";
import { ownComments, textOf } from "./weekly-issue.ts";

const CLAIM = "<!-- mc-gate:telling -->";
/** A run that takes longer than this to tell Slack has ended without a word. */
const CLAIM_MS = 10 * 60_000;

/** Where and of what Slack is notified. */
export interface Telling {
  readonly github: GitHub;
  readonly post: (text: string) => Promise<void>;
  readonly login: string;
  readonly issue: Issue;
  readonly due: readonly Ending[];
  readonly at: Date;
}

/**
 * Notifies Slack of waivers that are about to end, and keeps in comments which message reported which; gives those that
 * Slack was notified of. Each message is recorded as soon as it was taken, and none that was not. If two run at once, one tells:
 * the one whose comment came first. What ends in between tells twice rather than never. Rejects with RetryLater where
 * another run is telling.
 */
export async function tellSlack(telling: Telling): Promise<readonly Ending[]> {
  const { github, issue, due } = telling;
  if (due.length === 0) return [];
  const claim = await github.createComment(issue.number, `${CLAIM}\nSlack is being notified about waivers.`);
  try {
    const told = await toldMeanwhile(telling, claim);
    return await postAll(
      telling,
      due.filter(({ waiver }) => !told.includes(stampOf(waiver))),
    );
  } finally {
    // One that stays expires by itself, and must not hide why there was nothing to tell.
    await github.deleteComment(claim.id).catch(() => undefined);
  }
}

/** The stamps of this moment. Comments are in the order in which GitHub took them, for anyone who reads them. */
async function toldMeanwhile(
  { github, login, issue }: Telling,
  claim: Awaited<ReturnType<GitHub["createComment"]>>,
): Promise<string[]> {
  const comments = await ownComments(github, login, issue.number);
  const oldest = claim.created_at.getTime() - CLAIM_MS;
  const rival = comments.find(
    (each) => each.id < claim.id && textOf(each).startsWith(CLAIM) && each.created_at.getTime() > oldest,
  );
  if (rival === undefined) return stampsIn(comments.map(textOf));
  const since = rival.created_at.toISOString();
  throw new RetryLater(
    `Another run has been notifying Slack since ${since}; this one sent nothing. Run it again in ten minutes`,
  );
}

async function postAll({ github, post, issue, at }: Telling, due: readonly Ending[]): Promise<Ending[]> {
  const told: Ending[] = [];
  try {
    for (const { text, of } of slackMessages(due, at)) {
      await post(text);
      told.push(...of);
      await github.createComment(issue.number, recordText(of));
    }
    return told;
  } catch (error) {
    say(`Slack was notified about ${told.length} of ${due.length} waivers; the next run sends the others.`);
    throw error;
  }
}
