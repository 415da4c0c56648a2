import { createHash } from "node:crypto";

import { canonicalJson } from "../../core/index.ts";
import type { Campaign } from "../campaign.ts";
import type { NamedText, Survey, Work } from "../discovery/survey.ts";
import { plannedMs } from "../github/pace.ts";
import type { CampaignPull, Reviewers } from "../ports.ts";
import { changeFor } from "./changes.ts";
import { type BranchState, branchState, contentHash } from "./content.ts";
import { markedHash } from "./pull-body.ts";
import { wavesOf } from "./waves.ts";

/** A branch, a commit, a pull request, and a request for reviews. */
const REQUESTS_PER_PULL = 4;

/** What is done with one repository of the campaign. */
export interface PlanItem {
  readonly id: number;
  readonly name: string;
  readonly defaultBranch: string;
  /** From 0. */
  readonly wave: number;
  /** `none`: it is as it should be. `left`: a person decided otherwise. `blocked`: it cannot be changed. */
  readonly action: "open" | "update" | "none" | "left" | "blocked";
  readonly why?: string;
  /** What the files were made from. */
  readonly sources: string;
  /** Pull request and branch as they were. */
  readonly work: string;
  /** Of the files. */
  readonly hash?: string;
  readonly files: readonly NamedText[];
  readonly reviewers: Reviewers;
  readonly notes: readonly string[];
  readonly pull?: Pick<CampaignPull, "number" | "state" | "head" | "url">;
}

/** What a campaign will do, to be saved and carried out as it is. */
export interface FleetPlan {
  readonly version: 1;
  readonly campaign: Campaign;
  readonly items: readonly PlanItem[];
  readonly unknown: readonly { readonly name: string; readonly why: string }[];
  /** Requests that create content, and the least time that GitHub's limits give them. */
  readonly requests: number;
  readonly plannedMs: number;
}

/** What a plan is made from. */
export interface PlanInput {
  readonly campaign: Campaign;
  readonly surveys: readonly Survey[];
  readonly defaultOwner?: string | undefined;
  /** Repositories whose pull request is opened although a person closed one. */
  readonly retry?: ReadonlySet<string>;
}

const NO_ONE: Reviewers = { users: [], teams: [] };

/** Plans the campaign. The same surveys give the same plan. */
export function planFleet(input: PlanInput): FleetPlan {
  const drafts = input.surveys.flatMap((survey) => itemOf(survey, input) ?? []);
  const waves = wavesOf(drafts.map(({ id }) => id));
  const items = drafts.map((item) => ({ ...item, wave: waves.get(item.id)! }));
  const pulls = items.filter(isToDo).length;
  return {
    version: 1,
    campaign: input.campaign,
    items,
    unknown: input.surveys.flatMap((survey) =>
      survey.state === "unknown" ? [{ name: survey.repository.name, why: survey.why }] : [],
    ),
    requests: REQUESTS_PER_PULL * pulls,
    plannedMs: plannedFor(pulls),
  };
}

/** The least time that GitHub's limits give so many pull requests, in ms. */
export function plannedFor(pulls: number): number {
  return plannedMs(REQUESTS_PER_PULL * pulls);
}

/** Whether something is written for an item. */
export function isToDo({ action }: Pick<PlanItem, "action">): boolean {
  return action === "open" || action === "update";
}

type Draft = Omit<PlanItem, "wave">;
type Changeable = Extract<Survey, { readonly contents: unknown }>;

function itemOf(survey: Survey, input: PlanInput): Draft | undefined {
  if (survey.state === "adopted" && survey.by === "ruleset") return undefined;
  if (survey.state !== "adopted" && survey.state !== "candidate") return undefined;
  return changeableItem(survey, input);
}

function changeableItem(survey: Changeable, input: PlanInput): Draft | undefined {
  const { repository, contents, work } = survey;
  const callers = survey.state === "adopted" ? survey.callers : [];
  const change = changeFor({ ...input, defaultOwner: input.defaultOwner, repository, contents, callers });
  const hash = change.kind === "change" ? contentHash(change.files) : undefined;
  const base = { ...stateOf(survey, hash), files: [], reviewers: NO_ONE, notes: [] };
  if (change.kind === "none") return work.pull === undefined ? undefined : { ...base, action: "none" };
  if (change.kind === "blocked") return { ...base, action: "blocked", why: change.why };
  const { files, reviewers, notes } = change;
  const isRetried = input.retry?.has(repository.name) === true;
  return { ...base, ...decide(survey, hash!, isRetried), hash: hash!, files, reviewers, notes };
}

/** What the plan was made from, for it to be noticed where it changes. */
function stateOf(
  { repository: { id, name, defaultBranch }, contents, work: { pull, branchHead } }: Changeable,
  hash: string | undefined,
): Pick<PlanItem, "id" | "name" | "defaultBranch" | "sources" | "work" | "pull"> {
  const sources = hashed([id, name, defaultBranch, contents.read, hash ?? null]);
  const common = { id, name, defaultBranch, sources };
  if (pull === undefined) return { ...common, work: hashed([null, null, branchHead ?? null]) };
  const { number, state, head, url } = pull;
  return { ...common, work: hashed([number, state, branchHead ?? null]), pull: { number, state, head, url } };
}

/** What a person decided comes first. */
function decide({ work }: Changeable, hash: string, isRetried: boolean): Pick<PlanItem, "action" | "why"> {
  const { pull, change } = work;
  const branch: BranchState = change === undefined ? { kind: "empty" } : branchState(change);
  const declined = isRetried ? undefined : whyDeclined(work, hash);
  if (declined !== undefined) return { action: "left", why: declined };
  if (branch.kind === "edited") return { action: "left", why: "a person edited the branch" };
  if (pull?.state !== "open") return { action: "open" };
  return { action: isCurrent(branch, pull, hash) ? "none" : "update" };
}

function isCurrent(branch: BranchState, { body }: CampaignPull, hash: string): boolean {
  return branch.kind === "ours" && branch.hash === hash && markedHash(body) === hash;
}

function whyDeclined({ pull }: Work, hash: string): string | undefined {
  if (pull?.state === "closed") return "its pull request was closed";
  const isTakenBack = pull?.state === "merged" && markedHash(pull.body) === hash;
  return isTakenBack ? "the change was merged and taken back" : undefined;
}

function hashed(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Where the world differs from a plan, one clause each; `begun` are items whose pull request this campaign began. */
export function movedSince(plan: FleetPlan, now: FleetPlan, begun: ReadonlySet<number>): string[] {
  const fresh = new Map(now.items.map((item) => [item.id, item]));
  return plan.items.filter(isToDo).flatMap((item) => {
    const current = fresh.get(item.id);
    if (current === undefined) return [`${item.name} is no longer part of it`];
    if (current.sources !== item.sources) return [`${item.name} changed`];
    const isDone = current.action === "none" && current.hash === item.hash;
    return begun.has(item.id) || isDone || current.work === item.work
      ? []
      : [`the pull request or branch of ${item.name} changed`];
  });
}
