import type { Reports } from "./reports.ts";

/** The commit that a run was about, as GitHub says, and where it is. */
export interface RunHead {
  readonly event: string | undefined;
  readonly commit: string;
  readonly repository: string | undefined;
  readonly branch: string | undefined;
}

/** A pull request's newest commit, as GitHub says. */
export interface PullRequest {
  readonly state: string | undefined;
  readonly commit: string;
  readonly repository: string | undefined;
  readonly branch: string | undefined;
}

/** The one pull request that the reports name; undefined where they name none, or several. */
export function intendedFor({ scans }: Reports): number | undefined {
  const numbers = new Set(scans.map(({ pull }) => pull));
  const [number] = numbers;
  return numbers.size === 1 && number !== 0 ? number : undefined;
}

/**
 * Whether a run speaks for a pull request: `yes`; `closed`; `moved` where the pull request has a newer commit by now; or
 * `no`. The reports of a fork's run name whatever pull request their author likes, so only what GitHub says counts.
 */
export function speaksFor(run: RunHead, pull: PullRequest): "yes" | "moved" | "closed" | "no" {
  const isItsBranch =
    run.event === "pull_request" &&
    run.repository !== undefined &&
    run.repository === pull.repository &&
    run.branch !== undefined &&
    run.branch === pull.branch;
  if (!isItsBranch) return "no";
  if (pull.state !== "open") return "closed";
  return run.commit === pull.commit ? "yes" : "moved";
}
