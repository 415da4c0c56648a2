import { OutboundError } from "../../outbound/index.ts";
import { BRANCH } from "../campaign.ts";
import type { Survey, Work } from "../discovery/survey.ts";
import type { CampaignPull, FleetPort, FleetReads, Repository } from "../ports.ts";
import { branchState } from "./content.ts";
import { checksOf } from "./progress.ts";
import { nextWave, type NextWave, type Progress, WAVES, wavesOf } from "./waves.ts";

/** What takes a campaign back from one repository. */
export interface Withdrawal {
  readonly repository: Repository;
  readonly pull: CampaignPull;
  /** `close`: an open pull request and its branch. `revert`: what was merged. `none`: it is taken back, or on its way. */
  readonly action: "close" | "revert" | "none" | "left";
  readonly progress: Progress;
  readonly why?: string;
}

/** How one withdrawal ended. */
export interface Withdrawn {
  readonly name: string;
  readonly outcome: "closed" | "reverting" | "queued" | "failed" | "unknown";
  readonly why?: string;
  readonly url?: string;
}

/** What has to be taken back: open pull requests, and with `merged` what was merged, too. */
export async function withdrawals(
  surveys: readonly Survey[],
  github: FleetReads,
  merged: boolean,
): Promise<Withdrawal[]> {
  const found: Withdrawal[] = [];
  for (const survey of surveys) {
    if (!("work" in survey)) continue;
    const { pull } = survey.work;
    if (pull?.state === "closed") found.push(takenBack(survey.repository, pull));
    if (pull?.state === "open") found.push(closing(survey.repository, pull, survey.work));
    if (pull?.state === "merged" && merged) found.push(await reverting(survey, pull, github));
  }
  return found;
}

/** It stays counted: the waves are shares of all, and not of what is left. */
function takenBack(repository: Repository, pull: CampaignPull): Withdrawal {
  return { repository, pull, action: "none", progress: "green" };
}

function closing(repository: Repository, pull: CampaignPull, { change }: Work): Withdrawal {
  if (change !== undefined && branchState(change).kind === "edited")
    return { repository, pull, action: "left", progress: "declined", why: "a person edited the branch" };
  return { repository, pull, action: "close", progress: "waiting" };
}

/** A repository that no longer calls the workflow has nothing to revert. */
async function reverting(
  { repository, state }: Survey,
  pull: CampaignPull,
  github: FleetReads,
): Promise<Withdrawal> {
  if (state !== "adopted") return takenBack(repository, pull);
  const [taking] = await github.pulls(repository.name, revertBranch(pull));
  if (taking === undefined) return { repository, pull, action: "revert", progress: "waiting" };
  if (taking.state === "closed")
    return {
      repository,
      pull,
      action: "left",
      progress: "declined",
      why: "the pull request that reverts it was closed",
    };
  const progress = taking.state === "merged" ? "green" : await checksOf(repository.name, taking.head, github);
  return { repository, pull, action: "none", progress };
}

/** As GitHub names the branch of a revert. */
function revertBranch({ number }: CampaignPull): string {
  return `revert-${number}-${BRANCH}`;
}

/** The next wave, and what is in it. */
export function nextWithdrawals(all: readonly Withdrawal[]): {
  readonly next: NextWave;
  readonly due: readonly Withdrawal[];
} {
  const waves = wavesOf(all.map(({ repository }) => repository.id));
  const inWave = (wave: number): Withdrawal[] =>
    all.filter(({ repository }) => waves.get(repository.id) === wave);
  const next = nextWave(WAVES.map((_, wave) => inWave(wave).map(({ progress }) => progress)));
  const due = next.kind === "open" ? inWave(next.wave).filter(isDue) : [];
  return { next, due };
}

/** Whether something is written for it. */
export function isDue({ action }: Withdrawal): boolean {
  return action === "close" || action === "revert";
}

/** Takes back one after the other. */
export async function withdraw(due: readonly Withdrawal[], github: FleetPort): Promise<Withdrawn[]> {
  const ended: Withdrawn[] = [];
  for (const each of due) {
    const { name } = each.repository;
    try {
      ended.push({
        name,
        ...(each.action === "close" ? await close(each, github) : await revert(each, github)),
      });
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      ended.push({ name, outcome: error.retryable ? "unknown" : "failed", why: error.message });
      if (error.status === 401) return ended;
    }
  }
  return ended;
}

async function close(
  { repository: { name }, pull }: Withdrawal,
  github: FleetPort,
): Promise<Omit<Withdrawn, "name">> {
  await github.updatePull(name, pull.number, { state: "closed" });
  await github.deleteBranch(name, BRANCH);
  return { outcome: "closed", url: pull.url };
}

/** A merge queue takes it once its reviews are there; where it does not yet, the pull request waits for a person. */
async function revert({ repository, pull }: Withdrawal, github: FleetPort): Promise<Omit<Withdrawn, "name">> {
  const { nodeId, url } = await github.revert(pull, `Takes back #${pull.number}.`);
  try {
    const isQueued = await github.enqueue(repository.name, repository.defaultBranch, nodeId);
    return { outcome: isQueued ? "queued" : "reverting", url };
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return { outcome: "reverting", url, why: "the merge queue does not take it yet" };
  }
}
