/** Profiles that a run of the workflow may have; unknown for versions whose runs do not say. */
export const PROFILES = ["dev", "stage", "prod", "unknown"] as const;
export type Profile = (typeof PROFILES)[number];

/** How a gate ended. Cancelled: it did not come to an answer. Unknown: GitHub does not say. */
export const OUTCOMES = ["passed", "failed", "cancelled", "unknown"] as const;
export type GateOutcome = (typeof OUTCOMES)[number];

/**
 * Why gates fail: codes of the policy, the job that failed where no rule was broken, and the rules of a run that could not be
 * read. A closed set, since a run's annotations are written by its repository.
 */
export const RULES = [
  "vulnerability/blocked",
  "vulnerability/scan-missing",
  "job/mode",
  "job/changes",
  "job/tools",
  "job/scan",
  "other",
  "unread",
] as const;
export type Rule = (typeof RULES)[number];

/** One answer of a gate: a run, its attempt, and the job in it. */
export interface Evaluation {
  readonly repository: number;
  readonly run: number;
  readonly attempt: number;
  /** Name of the gate's job; empty where there is none. */
  readonly job: string;
  /** When it ended, in ms. */
  readonly at: number;
  /** The commit that was judged. */
  readonly sha: string;
  /** What later answers are about the same change; absent where there can be none, as in a merge queue. */
  readonly thread?: string | undefined;
  /** Commit of the reusable workflow. */
  readonly version?: string | undefined;
  readonly profile: Profile;
  readonly outcome: GateOutcome;
  readonly rules: readonly Rule[];
  /** From the start of its first job to the end of its last. */
  readonly seconds?: number | undefined;
}

/** What a repository is before it is known whether it runs the workflow. */
export const REPOSITORY_STATES = [
  "adopted",
  "not-adopted",
  "unknown",
  "opted-out",
  "inactive",
  "excluded",
] as const;
export type RepositoryState = (typeof REPOSITORY_STATES)[number];

/** A repository, and what it counts as. */
export interface RepositoryFact {
  readonly id: number;
  readonly name: string;
  readonly state: RepositoryState;
  /** Why it does not count, or is unknown. */
  readonly why?: string | undefined;
}

/** A version of the reusable workflow. */
export interface Release {
  readonly tag: string;
  readonly sha: string;
}

/** What a repository's waiver document is. */
export const DOCUMENT_STATES = ["read", "absent", "unreadable", "unknown"] as const;
export type DocumentState = (typeof DOCUMENT_STATES)[number];

/** A waiver of a repository. */
export interface WaiverFact {
  readonly id: string;
  readonly owners: readonly string[];
  readonly from: Date;
  readonly until: Date;
}

/** The waivers of one repository. */
export interface WaiverDocumentFact {
  readonly repository: number;
  readonly name: string;
  readonly state: DocumentState;
  /** Entries that cannot be read, and are not waivers. */
  readonly problems: number;
  readonly waivers: readonly WaiverFact[];
}

/** What one pass over GitHub found. */
export interface Found {
  /** In ms. */
  readonly at: number;
  readonly repositories: readonly RepositoryFact[];
  readonly documents: readonly WaiverDocumentFact[];
  /** The newest first; undefined where they could not be read. */
  readonly releases: readonly Release[] | undefined;
}

/** Identifies an answer, so that none counts twice. */
export function keyOf({ run, attempt, job }: Pick<Evaluation, "run" | "attempt" | "job">): string {
  return `${run}.${attempt}.${job}`;
}
