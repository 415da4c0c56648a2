/** The commit of the pull request and of its run. */
export const COMMIT = "a".repeat(40);

/** A workflow run of a fork's pull request, as GitHub's API gives it. */
export function runOf(differing: object = {}): object {
  return {
    id: 501,
    name: "mc",
    html_url: "https://github.com/acme/policy/actions/runs/501",
    status: "completed",
    conclusion: "failure",
    event: "pull_request",
    head_sha: COMMIT,
    head_branch: "fix",
    head_repository: { full_name: "mallory/policy" },
    created_at: "2026-11-29T09:00:00Z",
    ...differing,
  };
}

/** The pull request that the run belongs to, as GitHub's API gives it. */
export function pullOf(differing: object = {}, head: object = {}): object {
  const own = { sha: COMMIT, ref: "fix", repo: { full_name: "mallory/policy" }, ...head };
  return { user: { login: "mallory" }, state: "open", head: own, ...differing };
}
