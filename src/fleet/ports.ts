/** A repository, as far as it matters here. */
export interface Repository {
  /** Stays the same where the repository is renamed. */
  readonly id: number;
  /** `owner/name`. */
  readonly name: string;
  readonly defaultBranch: string;
  readonly isArchived: boolean;
  readonly isDisabled: boolean;
  readonly isFork: boolean;
  readonly isTemplate: boolean;
  readonly isMirror: boolean;
  /** Absent where nothing was ever pushed. */
  readonly pushedAt?: Date;
}

/** A file of a tree. */
export interface TreeFile {
  readonly path: string;
  /** The blob's id, which names its content. */
  readonly sha: string;
}

/** Files of a branch. */
export interface Tree {
  readonly files: readonly TreeFile[];
  /** False where GitHub cut the list. */
  readonly isWhole: boolean;
}

/** A pull request of the campaign. */
export interface CampaignPull {
  readonly number: number;
  /** The id that GraphQL knows it by. */
  readonly nodeId: string;
  readonly state: "open" | "closed" | "merged";
  /** Newest commit. */
  readonly head: string;
  readonly body: string;
  readonly url: string;
}

/** What a branch has that the default branch has not. */
export interface BranchChange {
  readonly head: string;
  /** Messages of its commits, the oldest first. */
  readonly messages: readonly string[];
  readonly files: readonly TreeFile[];
}

/** A workflow run, by what it called. */
export interface FleetRun {
  /** The workflow's own path; `owner/name/path@ref` where a ruleset brought it. */
  readonly path: string;
  readonly called: readonly CalledWorkflow[];
}

/** A reusable workflow that a run called. */
export interface CalledWorkflow {
  /** `owner/name/.github/workflows/file.yml@ref`. */
  readonly path: string;
  readonly sha?: string;
}

/** How the checks of a commit ended. */
export type Checks = "green" | "red" | "pending";

/** What is read of GitHub. Rejects with OutboundError; its `status` tells absent from forbidden. */
export interface FleetReads {
  readonly repositories: (owner: string) => AsyncIterable<Repository>;
  readonly repository: (name: string) => Promise<Repository>;
  /** "empty" for a repository without a commit. */
  readonly tree: (name: string, branch: string) => Promise<Tree | "empty">;
  readonly blob: (name: string, sha: string) => Promise<string>;
  /** Pull requests from a branch of the repository itself, the newest first. */
  readonly pulls: (name: string, branch: string) => Promise<readonly CampaignPull[]>;
  /** The newest commit; undefined where there is no such branch. */
  readonly head: (name: string, branch: string) => Promise<string | undefined>;
  readonly change: (name: string, base: string, branch: string) => Promise<BranchChange>;
  readonly runs: (name: string) => Promise<readonly FleetRun[]>;
  readonly checks: (name: string, sha: string) => Promise<Checks>;
  readonly admins: (name: string) => Promise<readonly string[]>;
}

/** A commit to be made. */
export interface NewCommit {
  readonly name: string;
  readonly branch: string;
  /** What the branch must be at. */
  readonly head: string;
  readonly message: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** A pull request to be opened. */
export interface NewPull {
  readonly name: string;
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** Who is asked for a review. */
export interface Reviewers {
  readonly users: readonly string[];
  /** Slugs, without the owner. */
  readonly teams: readonly string[];
}

/** What is changed on GitHub. */
export interface FleetWrites {
  readonly createBranch: (name: string, branch: string, sha: string) => Promise<void>;
  readonly deleteBranch: (name: string, branch: string) => Promise<void>;
  /** The commit's id. */
  readonly commit: (commit: NewCommit) => Promise<string>;
  readonly openPull: (pull: NewPull) => Promise<{ readonly number: number; readonly url: string }>;
  readonly updatePull: (name: string, number: number, change: PullChange) => Promise<void>;
  readonly requestReviews: (name: string, number: number, reviewers: Reviewers) => Promise<void>;
  /** Opens a pull request that reverts a merged one. */
  readonly revert: (pull: CampaignPull, body: string) => Promise<Reverted>;
  /** False where the branch has no merge queue. */
  readonly enqueue: (name: string, branch: string, nodeId: string) => Promise<boolean>;
}

/** What of a pull request changes. */
export interface PullChange {
  readonly title?: string;
  readonly body?: string;
  readonly state?: "closed";
}

/** The pull request that takes a merged one back. */
export interface Reverted {
  readonly number: number;
  readonly nodeId: string;
  readonly url: string;
}

/** GitHub, as the campaign uses it. */
export type FleetPort = FleetReads & FleetWrites;
