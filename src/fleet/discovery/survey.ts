import type { BranchChange, CampaignPull, Repository, Tree } from "../ports.ts";
import type { Caller } from "./callers.ts";

/** A file's text by its path. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** What a repository holds that a plan is made from. */
export interface Contents {
  readonly tree: Tree;
  readonly workflows: readonly NamedText[];
  readonly codeowners?: NamedText;
  /** Blobs that were read, which is what a plan depends on. */
  readonly read: readonly string[];
}

/** The pull request of the campaign, and its branch. */
export interface Work {
  readonly pull?: CampaignPull;
  /** The branch's newest commit; absent where there is no branch. */
  readonly branchHead?: string;
  /** What an existing branch has that the default branch has not. */
  readonly change?: BranchChange;
}

/** What is known of a repository. Unknown is a state: it is neither skipped nor a candidate. */
export type Survey = { readonly repository: Repository } & (
  | {
      readonly state: "adopted";
      readonly by: "caller";
      readonly callers: readonly Caller[];
      readonly contents: Contents;
      readonly work: Work;
    }
  | { readonly state: "adopted"; readonly by: "ruleset"; readonly work: Work }
  | { readonly state: "candidate"; readonly contents: Contents; readonly work: Work }
  | { readonly state: "opted-out"; readonly owner: string; readonly until: Date; readonly why: string }
  | { readonly state: "skipped"; readonly why: string }
  | { readonly state: "unknown"; readonly why: string }
);

/** States in the order in which people read them. */
export const SURVEY_STATES = [
  "adopted",
  "candidate",
  "opted-out",
  "skipped",
  "unknown",
] as const satisfies readonly Survey["state"][];
