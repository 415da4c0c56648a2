/** What a campaign brings to repositories. */
export interface Campaign {
  /** The organisation. */
  readonly owner: string;
  /** The reusable workflow: `owner/name/.github/workflows/file.yml`. */
  readonly reusable: string;
  /** The commit that callers name, in full. */
  readonly commit: string;
  /** Its version, for people: `v1.2.3`. */
  readonly version: string;
  /** The page that pull requests link to, and the one about going back. */
  readonly docs: string;
  readonly rollbackDocs: string;
}

/** The branch of the campaign in every repository. */
export const BRANCH = "mc/adopt";
