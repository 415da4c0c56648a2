import type { FakeOrg } from "./fake-org.ts";
import { NOT_FOUND, ok, refused, type Reply } from "./reply.ts";
import { addCommit, ahead, blobSha, changed, type FakePull, type FakeRepo, push } from "./repo.ts";
import { RUN_ROUTES } from "./run-routes.ts";

/** A request below `/repos/owner/name`. */
export interface RepoRequest {
  readonly org: FakeOrg;
  readonly repo: FakeRepo;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Answers requests of one route. */
export type Answer = (request: RepoRequest, match: RegExpExecArray) => Reply;

const ROUTES: readonly (readonly [method: string, path: RegExp, answer: Answer])[] = [
  ["GET", /^$/, ({ org, repo }) => ok(org.repoJson(repo))],
  ["GET", /^\/git\/trees\/(.+)$/, treeOf],
  ["GET", /^\/git\/blobs\/(\w+)$/, blobOf],
  ["GET", /^\/git\/ref\/heads\/(.+)$/, refOf],
  ["GET", /^\/git\/commits\/(\w+)$/, (_, [, sha]) => ok({ tree: { sha: `tree-of-${sha}` } })],
  ["GET", /^\/compare\/(.+)\.\.\.(.+)$/, compared],
  ["GET", /^\/pulls$/, pullsOf],
  ...RUN_ROUTES,
  [
    "GET",
    /^\/commits\/(\w+)\/check-runs$/,
    ({ org }, [, sha]) => ok({ check_runs: org.checks.get(sha!) ?? [] }),
  ],
  ["GET", /^\/collaborators$/, ({ org }) => ok(org.admins.map((login) => ({ login })))],
  ["POST", /^\/git\/refs$/, createRef],
  ["DELETE", /^\/git\/refs\/heads\/(.+)$/, deleteRef],
  ["POST", /^\/git\/trees$/, createTree],
  ["POST", /^\/git\/commits$/, createCommit],
  ["PATCH", /^\/git\/refs\/heads\/(.+)$/, moveRef],
  ["POST", /^\/pulls$/, createPull],
  ["PATCH", /^\/pulls\/(\d+)$/, changePull],
  ["POST", /^\/pulls\/(\d+)\/requested_reviewers$/, requestReviewers],
];

export function repoReply(method: string, path: string, request: RepoRequest): Reply {
  if (request.repo.archived && method !== "GET")
    return refused("Repository was archived so is read-only.", 403);
  for (const [of, pattern, answer] of ROUTES) {
    const match = of === method ? pattern.exec(path) : null;
    if (match !== null) return answer(request, match);
  }
  return NOT_FOUND;
}

function treeOf({ repo }: RepoRequest, [, name]: RegExpExecArray): Reply {
  if (repo.branches.size === 0) return refused("Git Repository is empty.", 409);
  const head = repo.branches.get(decodeURIComponent(name!));
  if (head === undefined) return NOT_FOUND;
  const tree = [...repo.commits.get(head)!.files].map(([path, text]) => ({
    path,
    type: "blob",
    sha: blobSha(text),
  }));
  return ok({ tree, truncated: false });
}

function blobOf({ repo }: RepoRequest, [, sha]: RegExpExecArray): Reply {
  for (const { files } of repo.commits.values())
    for (const text of files.values())
      if (blobSha(text) === sha)
        return ok({ content: Buffer.from(text).toString("base64"), encoding: "base64", size: text.length });
  return NOT_FOUND;
}

function refOf({ repo }: RepoRequest, [, name]: RegExpExecArray): Reply {
  const sha = repo.branches.get(decodeURIComponent(name!));
  return sha === undefined ? NOT_FOUND : ok({ object: { sha } });
}

function compared({ repo }: RepoRequest, [, , name]: RegExpExecArray): Reply {
  const head = repo.branches.get(decodeURIComponent(name!));
  if (head === undefined) return NOT_FOUND;
  return ok({
    commits: ahead(repo, head).map(({ sha, message }) => ({ sha, commit: { message } })),
    files: changed(repo, head).map(({ path, text }) => ({
      filename: path,
      sha: text === undefined ? null : blobSha(text),
    })),
  });
}

function pullJson(repo: FakeRepo, pull: FakePull): object {
  const { queued: _, reviewers: __, head, branch, ...rest } = pull;
  return {
    ...rest,
    head: { sha: head, ref: branch },
    html_url: `https://github.test/${repo.name}/pull/${pull.number}`,
  };
}

function pullsOf({ repo, query }: RepoRequest): Reply {
  const branch = query.get("head")?.split(":")[1];
  const found = repo.pulls.filter((pull) => pull.branch === branch).toReversed();
  return ok(found.map((pull) => pullJson(repo, pull)));
}

function createRef({ repo, body }: RepoRequest): Reply {
  const { ref, sha } = body as { ref: string; sha: string };
  const name = ref.replace("refs/heads/", "");
  if (repo.branches.has(name)) return refused("Reference already exists");
  repo.branches.set(name, sha);
  return ok({}, 201);
}

function deleteRef({ repo }: RepoRequest, [, name]: RegExpExecArray): Reply {
  return repo.branches.delete(decodeURIComponent(name!))
    ? { status: 204, body: "" }
    : refused("Reference does not exist");
}

function createTree({ org, body }: RepoRequest): Reply {
  const { tree } = body as { tree: { path: string; content: string }[] };
  const sha = `tree${org.trees.size}`;
  org.trees.set(sha, Object.fromEntries(tree.map(({ path, content }) => [path, content])));
  return ok({ sha }, 201);
}

function createCommit({ org, repo, body }: RepoRequest): Reply {
  const { tree, parents, message } = body as { tree: string; parents: string[]; message: string };
  const files = new Map([...repo.commits.get(parents[0]!)!.files, ...Object.entries(org.trees.get(tree)!)]);
  return ok({ sha: addCommit(repo, { message, parent: parents[0], files }).sha }, 201);
}

function moveRef({ repo, body }: RepoRequest, [, name]: RegExpExecArray): Reply {
  repo.branches.set(decodeURIComponent(name!), (body as { sha: string }).sha);
  return ok({});
}

function createPull({ repo, body }: RepoRequest): Reply {
  const {
    head,
    base,
    title,
    body: text,
  } = body as { head: string; base: string; title: string; body: string };
  if (base !== repo.default_branch || !repo.branches.has(head)) return refused("Validation Failed");
  if (repo.pulls.some((pull) => pull.branch === head && pull.state === "open"))
    return refused("A pull request already exists");
  return ok(pullJson(repo, addPull(repo, { branch: head, title, body: text })), 201);
}

export function addPull(
  repo: FakeRepo,
  { branch, title, body }: Pick<FakePull, "branch" | "title" | "body">,
): FakePull {
  const number = repo.pulls.length + 1;
  const pull: FakePull = {
    number,
    node_id: `PR_${repo.id}_${number}`,
    branch,
    state: "open",
    merged_at: null,
    head: repo.branches.get(branch)!,
    title,
    body,
    reviewers: [],
    queued: false,
  };
  repo.pulls.push(pull);
  return pull;
}

function changePull({ repo, body }: RepoRequest, [, number]: RegExpExecArray): Reply {
  const pull = repo.pulls.find((each) => each.number === Number(number));
  if (pull === undefined) return NOT_FOUND;
  Object.assign(pull, body);
  return ok(pullJson(repo, pull));
}

function requestReviewers({ org, repo, body }: RepoRequest, [, number]: RegExpExecArray): Reply {
  const { reviewers, team_reviewers: teams } = body as { reviewers: string[]; team_reviewers: string[] };
  if (teams.some((team) => !org.teams.includes(team)))
    return refused("Reviews may only be requested from collaborators");
  repo.pulls.find((each) => each.number === Number(number))!.reviewers.push(...reviewers, ...teams);
  return ok({}, 201);
}

/** `createCommitOnBranch`: the branch must be where the client believes it. */
export function commitOnBranch(repo: FakeRepo, input: CommitInput): Reply {
  const name = input.branch.branchName;
  if (repo.branches.get(name) !== input.expectedHeadOid) return failed("Expected branch to point elsewhere");
  const files = input.fileChanges.additions.map(
    ({ path, contents }) => [path, Buffer.from(contents, "base64").toString()] as const,
  );
  if (repo.refusesWorkflows && files.some(([path]) => path.startsWith(".github/workflows/")))
    return failed(
      "refusing to allow a GitHub App to create or update workflow without `workflows` permission",
    );
  const { headline, body } = input.message;
  const oid = push(repo, name, Object.fromEntries(files), `${headline}\n\n${body}`);
  return ok({ data: { createCommitOnBranch: { commit: { oid } } } });
}

export interface CommitInput {
  readonly branch: { readonly repositoryNameWithOwner: string; readonly branchName: string };
  readonly expectedHeadOid: string;
  readonly message: { readonly headline: string; readonly body: string };
  readonly fileChanges: {
    readonly additions: readonly { readonly path: string; readonly contents: string }[];
  };
}

export function failed(message: string): Reply {
  return ok({ data: null, errors: [{ type: "UNPROCESSABLE", message }] });
}
