import { OutboundError } from "../../outbound/index.ts";
import { BRANCH, type Campaign } from "../campaign.ts";
import { type DiscoverOptions, survey } from "../discovery/discover.ts";
import type { Work } from "../discovery/survey.ts";
import type { FleetPort } from "../ports.ts";
import { branchState, commitMessage } from "./content.ts";
import type { FleetLine } from "./journal.ts";
import { isToDo, type PlanItem, planFleet } from "./plan.ts";
import { pullBody, pullTitle } from "./pull-body.ts";

/** Refusals in a row after which the token, and not a repository, is to blame. */
const MAX_REFUSALS = 5;

/** What items are opened with. */
export interface OpenOptions extends Omit<DiscoverOptions, "github" | "onRepository"> {
  readonly github: FleetPort;
  readonly campaign: Campaign;
  readonly defaultOwner?: string | undefined;
  readonly retry: ReadonlySet<string>;
  /** Repositories that an earlier run began and did not finish. */
  readonly begun: ReadonlySet<number>;
  readonly append: (line: FleetLine) => void;
}

/** How one repository ended. */
export interface Outcome {
  readonly id: number;
  readonly name: string;
  /** `moved`: it is no longer as planned, and nothing was written. */
  readonly outcome: "opened" | "updated" | "moved" | "failed" | "unknown";
  readonly why?: string;
  readonly url?: string;
}

/** Opens or updates the pull requests of items, one after the other. Ends early where the token has lost its right. */
export async function openItems(
  items: readonly PlanItem[],
  options: OpenOptions,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let refusals = 0;
  for (const item of items) {
    const { id, name } = item;
    try {
      const ended = await openOne(item, options);
      refusals = 0;
      outcomes.push({ id, name, ...ended });
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      outcomes.push({ id, name, outcome: error.retryable ? "unknown" : "failed", why: error.message });
      refusals = error.status === 403 || error.status === 401 ? refusals + 1 : 0;
      if (error.status === 401 || refusals === MAX_REFUSALS) return outcomes;
    }
    options.append({ kind: "ended", at: options.now.toISOString(), ...outcomes.at(-1)! });
  }
  return outcomes;
}

/** The repository is read again right before it is written to: hours may have passed since the plan. */
async function openOne(item: PlanItem, options: OpenOptions): Promise<Omit<Outcome, "id" | "name">> {
  const { github, campaign, defaultOwner, retry } = options;
  const fresh = await survey(await github.repository(item.name), options);
  if (fresh.state === "unknown") return { outcome: "unknown", why: fresh.why };
  const [now] = planFleet({ campaign, surveys: [fresh], defaultOwner, retry }).items;
  const isBegun = options.begun.has(item.id);
  const why = whyMoved(item, now, isBegun);
  if (why !== undefined || !("work" in fresh)) return { outcome: "moved", why: why ?? "it changed" };
  if (isDone(item, now) && !isBegun) return { outcome: "opened", url: now!.pull!.url };
  options.append({ kind: "begun", id: item.id, name: item.name });
  await fillBranch(item, fresh.work, options);
  return finish(item, fresh.work, options);
}

function whyMoved(item: PlanItem, now: PlanItem | undefined, isBegun: boolean): string | undefined {
  if (now?.sources !== item.sources) return "it changed since the plan";
  if (isDone(item, now)) return undefined;
  if (!isToDo(now)) return now.why ?? "there is nothing to do";
  return isBegun || now.work === item.work ? undefined : "its pull request or branch changed since the plan";
}

function isDone(item: PlanItem, now: PlanItem | undefined): boolean {
  return now?.action === "none" && now.hash === item.hash && now.pull?.state === "open";
}

/** Has the branch hold the item's files, by one commit of ours. */
async function fillBranch(item: PlanItem, work: Work, { github, campaign }: OpenOptions): Promise<void> {
  const { name, files, hash } = item;
  const state = work.change === undefined ? undefined : branchState(work.change);
  if (state?.kind === "ours" && state.hash === hash) return;
  const head = isLeftOver(work) ? await freshBranch(item, work, github) : work.branchHead!;
  const message = commitMessage(pullTitle(campaign), hash!);
  await github.commit({ name, branch: BRANCH, head, message, files });
}

/** Whether there is no branch, or one of a pull request that has ended. */
function isLeftOver({ pull, branchHead, change }: Work): boolean {
  if (branchHead === undefined) return true;
  return pull?.state !== "open" && change !== undefined && branchState(change).kind !== "empty";
}

async function freshBranch(
  { name, defaultBranch }: PlanItem,
  work: Work,
  github: FleetPort,
): Promise<string> {
  if (work.branchHead !== undefined) await github.deleteBranch(name, BRANCH);
  const head = await github.head(name, defaultBranch);
  if (head === undefined)
    throw new OutboundError(`could not branch off ${name}: ${defaultBranch} is gone`, false);
  await github.createBranch(name, BRANCH, head);
  return head;
}

async function finish(
  item: PlanItem,
  { pull }: Work,
  { github, campaign }: OpenOptions,
): Promise<Omit<Outcome, "id" | "name">> {
  const { name, defaultBranch, files, notes, hash } = item;
  const title = pullTitle(campaign);
  const body = pullBody(campaign, files, notes, hash!);
  if (pull?.state === "open") {
    if (pull.body !== body) await github.updatePull(name, pull.number, { title, body });
    return { outcome: "updated", url: pull.url, ...(await askReviewers(item, pull.number, github)) };
  }
  const { number, url } = await openPull(github, { name, branch: BRANCH, base: defaultBranch, title, body });
  return { outcome: "opened", url, ...(await askReviewers(item, number, github)) };
}

/** GitHub refuses a second one: the answer to the first was lost. */
async function openPull(
  github: FleetPort,
  pull: Parameters<FleetPort["openPull"]>[0],
): ReturnType<FleetPort["openPull"]> {
  try {
    return await github.openPull(pull);
  } catch (error) {
    const [newest] =
      error instanceof OutboundError && error.status === 422
        ? await github.pulls(pull.name, pull.branch)
        : [];
    if (newest?.state === "open") return newest;
    throw error;
  }
}

/** Owners that GitHub does not know cannot be asked; administrators are asked instead. A pull request is open either way. */
async function askReviewers(
  { name, reviewers }: PlanItem,
  number: number,
  github: FleetPort,
): Promise<{ why?: string }> {
  try {
    if (reviewers.users.length + reviewers.teams.length > 0) {
      await github.requestReviews(name, number, reviewers);
      return {};
    }
  } catch (error) {
    if (!(error instanceof OutboundError) || error.status !== 422) return { why: "no review was requested" };
  }
  try {
    await github.requestReviews(name, number, { users: await github.admins(name), teams: [] });
    return {};
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return { why: "no review was requested: its owners are unknown to GitHub" };
  }
}
