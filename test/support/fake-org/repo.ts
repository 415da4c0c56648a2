import { createHash } from "node:crypto";

import { type FakeIssues, newIssues } from "./issue-routes.ts";

/** Files by path. */
export type Files = ReadonlyMap<string, string>;

/** A commit of the fake. */
export interface FakeCommit {
  readonly sha: string;
  readonly message: string;
  readonly parent: string | undefined;
  readonly files: Files;
}

/** A pull request of the fake. */
export interface FakePull {
  readonly number: number;
  readonly node_id: string;
  readonly branch: string;
  state: "open" | "closed";
  merged_at: string | null;
  head: string;
  title: string;
  body: string;
  readonly reviewers: string[];
  queued: boolean;
}

/** A repository of the fake. */
export interface FakeRepo {
  readonly id: number;
  name: string;
  default_branch: string;
  archived: boolean;
  disabled: boolean;
  fork: boolean;
  is_template: boolean;
  mirror_url: string | null;
  pushed_at: string | null;
  readonly commits: Map<string, FakeCommit>;
  readonly branches: Map<string, string>;
  readonly pulls: FakePull[];
  readonly tracker: FakeIssues;
  runs: object[];
  /** Jobs by run and attempt, as in `7.1`. */
  readonly jobs: Map<string, readonly object[]>;
  /** Annotations by job. */
  readonly notes: Map<number, readonly object[]>;
  readonly tags: { readonly name: string; readonly commit: { readonly sha: string } }[];
  hasMergeQueue: boolean;
  /** createCommitOnBranch refuses workflow files. */
  refusesWorkflows: boolean;
}

let serial = 0;

export function newRepo(
  name: string,
  files: Record<string, string> | undefined,
  more: Partial<FakeRepo> = {},
): FakeRepo {
  serial += 1;
  const repo: FakeRepo = {
    id: serial,
    name,
    default_branch: "main",
    archived: false,
    disabled: false,
    fork: false,
    is_template: false,
    mirror_url: null,
    pushed_at: files === undefined ? null : "2026-11-01T00:00:00Z",
    commits: new Map(),
    branches: new Map(),
    pulls: [],
    tracker: newIssues(),
    runs: [],
    jobs: new Map(),
    notes: new Map(),
    tags: [],
    hasMergeQueue: false,
    refusesWorkflows: false,
    ...more,
  };
  if (files !== undefined) {
    const first = addCommit(repo, {
      message: "first",
      parent: undefined,
      files: new Map(Object.entries(files)),
    });
    repo.branches.set(repo.default_branch, first.sha);
  }
  return repo;
}

export function addCommit({ commits }: FakeRepo, commit: Omit<FakeCommit, "sha">): FakeCommit {
  const text = JSON.stringify([commit.message, commit.parent, [...commit.files], commits.size]);
  const made = { ...commit, sha: createHash("sha1").update(text).digest("hex") };
  commits.set(made.sha, made);
  return made;
}

/** A commit on a branch, as a person pushes one. */
export function push(
  repo: FakeRepo,
  branch: string,
  files: Record<string, string>,
  message = "edit",
): string {
  const head = repo.commits.get(repo.branches.get(branch)!)!;
  const made = addCommit(repo, {
    message,
    parent: head.sha,
    files: new Map([...head.files, ...Object.entries(files)]),
  });
  repo.branches.set(branch, made.sha);
  for (const pull of repo.pulls) if (pull.branch === branch && pull.state === "open") pull.head = made.sha;
  return made.sha;
}

/** Merges a pull request by a merge commit. */
export function merge(repo: FakeRepo, pull: FakePull): void {
  const base = repo.commits.get(repo.branches.get(repo.default_branch)!)!;
  const files = new Map(base.files);
  for (const { path, text } of changed(repo, pull.head))
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  const made = addCommit(repo, { message: `Merge #${pull.number}`, parent: base.sha, files });
  repo.branches.set(repo.default_branch, made.sha);
  Object.assign(pull, { state: "closed", merged_at: "2026-11-02T00:00:00Z" });
}

/** Commits of a branch that the default branch has not, the oldest first. */
export function ahead(repo: FakeRepo, head: string): FakeCommit[] {
  const known = new Set(ancestors(repo, repo.branches.get(repo.default_branch)).map(({ sha }) => sha));
  return ancestors(repo, head)
    .filter(({ sha }) => !known.has(sha))
    .toReversed();
}

function ancestors({ commits }: FakeRepo, from: string | undefined): FakeCommit[] {
  const all: FakeCommit[] = [];
  for (let sha = from; sha !== undefined;) {
    const commit: FakeCommit = commits.get(sha)!;
    all.push(commit);
    sha = commit.parent;
  }
  return all;
}

/** Files that a branch changes; one without text is deleted. */
export function changed(repo: FakeRepo, head: string): { path: string; text: string | undefined }[] {
  const [first] = ahead(repo, head);
  if (first === undefined) return [];
  const before =
    first.parent === undefined ? new Map<string, string>() : repo.commits.get(first.parent)!.files;
  const after = repo.commits.get(head)!.files;
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => ({ path, text: after.get(path) }));
}

export function blobSha(text: string): string {
  const bytes = Buffer.from(text);
  return createHash("sha1").update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
}
