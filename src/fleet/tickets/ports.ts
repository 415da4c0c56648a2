/** An issue as the tracker has it. */
export interface TrackedIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly milestone?: number;
}

/** What an issue is to be. */
export type IssueFields = Omit<TrackedIssue, "number">;

/** The tracker of one repository. Rejects with OutboundError. */
export interface TrackerPort {
  /** Every issue, open or closed; no pull requests. */
  readonly issues: () => Promise<readonly TrackedIssue[]>;
  readonly labels: () => Promise<readonly string[]>;
  readonly milestones: () => Promise<ReadonlyMap<string, number>>;
  readonly mayBeAssigned: (login: string) => Promise<boolean>;
  readonly createLabel: (name: string) => Promise<void>;
  readonly createMilestone: (title: string) => Promise<number>;
  readonly createIssue: (fields: IssueFields) => Promise<number>;
  readonly updateIssue: (number: number, fields: IssueFields) => Promise<void>;
}
