/** A GitHub Actions workflow run, as Fulcio would see it. */
export interface WorkflowIdentity {
  /** `owner/name` of the repository that is built. */
  readonly repository: string;
  /** File name under `.github/workflows`; default `release.yml`. */
  readonly workflow?: string;
  /** Default `refs/heads/main`. */
  readonly ref?: string;
  /** `owner/name` whose workflow runs; default the repository's own (others: a reusable workflow). */
  readonly workflowRepository?: string;
  /** Default the issuer of GitHub Actions. */
  readonly issuer?: string;
}

/** The issuer of GitHub Actions tokens. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";

const COMMIT = "a".repeat(40);

function workflowRef({ repository, workflow, ref, workflowRepository }: WorkflowIdentity): string {
  return `${workflowRepository ?? repository}/.github/workflows/${workflow ?? "release.yml"}@${ref ?? "refs/heads/main"}`;
}

/** The identity (SAN) that a certificate for this workflow has. */
export function subjectOf(identity: WorkflowIdentity): string {
  return `https://github.com/${workflowRef(identity)}`;
}

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/**
 * An OIDC token with the claims of GitHub Actions, valid for a day. Its signature is nonsense: the certificate authority
 * of these tests believes every token, since who may get a certificate is not what they test. `san` is the claim that
 * this authority puts into the certificate; Fulcio builds it from `job_workflow_ref`.
 */
export function workflowToken(identity: WorkflowIdentity, now = Math.floor(Date.now() / 1000)): string {
  const { repository, ref = "refs/heads/main", issuer = GITHUB_ISSUER } = identity;
  const job = workflowRef(identity);
  const claims = {
    iss: issuer,
    aud: "sigstore",
    sub: `repo:${repository}:ref:${ref}`,
    san: subjectOf(identity),
    iat: now,
    nbf: now,
    exp: now + 86_400,
    event_name: "push",
    sha: COMMIT,
    workflow: "release",
    repository,
    repository_id: "1001",
    repository_owner: repository.split("/")[0],
    repository_owner_id: "2002",
    repository_visibility: "public",
    ref,
    job_workflow_ref: job,
    job_workflow_sha: COMMIT,
    workflow_ref: job,
    workflow_sha: COMMIT,
    runner_environment: "github-hosted",
    run_id: "1",
    run_attempt: "1",
  };
  return `${segment({ alg: "ES256", typ: "JWT" })}.${segment(claims)}.${Buffer.alloc(64, 1).toString("base64url")}`;
}
