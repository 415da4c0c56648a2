import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { issueReply } from "./issue-routes.ts";
import { createLimits, type Limits } from "./limits.ts";
import { NOT_FOUND, ok, type Reply } from "./reply.ts";
import { addPull, commitOnBranch, failed, repoReply } from "./repo-routes.ts";
import { addCommit, changed, type FakePull, type FakeRepo } from "./repo.ts";

/** The token that it takes. */
export const ORG_TOKEN = "token-of-the-test";

/** A GitHub of one organisation, `acme`, on loopback, with GitHub's limits on a clock of its own. */
export interface FakeOrg {
  readonly url: string;
  readonly repos: FakeRepo[];
  /** Check runs by commit. */
  readonly checks: Map<string, readonly object[]>;
  readonly trees: Map<string, Record<string, string>>;
  admins: readonly string[];
  teams: readonly string[];
  readonly limits: Limits;
  readonly clock: { readonly now: () => number; readonly sleep: (ms: number) => Promise<void> };
  /** `METHOD path` of each change that was carried out. */
  readonly writes: string[];
  /** Answers a request instead, or changes the world before it is answered. "cut" ends it half way. */
  before: ((method: string, path: string) => Reply | "cut" | undefined) | undefined;
  readonly repo: (name: string) => FakeRepo;
  readonly repoJson: (repo: FakeRepo) => object;
  readonly close: () => Promise<void>;
}

const START = Date.parse("2026-12-01T08:00:00Z");

export async function startFakeOrg(): Promise<FakeOrg> {
  let now = START;
  const server = createServer((request, response) => void answer(org, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const org: FakeOrg = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repos: [],
    checks: new Map(),
    trees: new Map(),
    admins: ["ana"],
    teams: ["security"],
    limits: createLimits(),
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    writes: [],
    before: undefined,
    repo: (name) => org.repos.find((each) => each.name === name)!,
    repoJson,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return org;
}

function repoJson(repo: FakeRepo): object {
  const inner = ["commits", "branches", "pulls", "runs", "jobs", "notes", "tags", "tracker", "name"];
  const shown = Object.entries(repo).filter(([key]) => !inner.includes(key));
  return { ...Object.fromEntries(shown), full_name: repo.name };
}

async function answer(org: FakeOrg, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const made = reply(org, request, Buffer.concat(chunks).toString());
  const date = new Date(org.clock.now()).toUTCString();
  if (made === "cut") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write('[{"id":');
    response.destroy();
    return;
  }
  const { status, body, headers = {} } = made;
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", date, ...headers });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

function reply(org: FakeOrg, { method = "GET", url, headers }: IncomingMessage, text: string): Reply | "cut" {
  const { pathname, searchParams: query } = new URL(url!, org.url);
  if (headers.authorization?.endsWith(` ${ORG_TOKEN}`) !== true)
    return { status: 401, body: { message: "Bad credentials" } };
  const isContent = isChange(method, pathname, text);
  const limited = org.limits.take(isContent, org.clock.now());
  const instead = limited ?? org.before?.(method, pathname);
  if (instead !== undefined) return instead;
  const made = routed(org, { method, pathname, query, text });
  if (isContent && made.status < 300 && !isFailed(made.body)) org.writes.push(`${method} ${pathname}`);
  return made;
}

function isChange(method: string, path: string, text: string): boolean {
  return method !== "GET" && (path !== "/graphql" || text.includes("mutation"));
}

function isFailed(body: unknown): boolean {
  return typeof body === "object" && body !== null && "errors" in body;
}

interface Routed {
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly text: string;
}

function routed(org: FakeOrg, { method, pathname, query, text }: Routed): Reply {
  const body = text === "" ? {} : JSON.parse(text);
  if (pathname === "/graphql") return graphql(org, body);
  if (pathname === "/orgs/acme/repos") return page(org, query);
  const [, name, rest = ""] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(pathname) ?? [];
  const repo = org.repos.find((each) => each.name === name);
  const issue = repo === undefined ? undefined : issueReply(repo.tracker, method, rest, { query, body });
  if (issue !== undefined) return issue;
  return repo === undefined ? NOT_FOUND : repoReply(method, rest, { org, repo, query, body });
}

function page(org: FakeOrg, query: URLSearchParams): Reply {
  const [number, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 30)];
  const here = org.repos.slice((number - 1) * size, number * size);
  const isLast = number * size >= org.repos.length;
  const next = `<${org.url}/orgs/acme/repos?per_page=${size}&page=${number + 1}>; rel="next"`;
  return { status: 200, body: here.map(repoJson), headers: isLast ? {} : { link: next } };
}

interface Query {
  readonly query: string;
  readonly variables: { readonly input: never; readonly owner: string; readonly name: string };
}

function graphql(org: FakeOrg, { query, variables }: Query): Reply {
  const { input } = variables;
  if (query.includes("createCommitOnBranch")) {
    const { branch } = input as Parameters<typeof commitOnBranch>[1];
    const repo = org.repo(branch.repositoryNameWithOwner);
    return repo === undefined ? failed("Could not resolve to a Repository") : commitOnBranch(repo, input);
  }
  if (query.includes("revertPullRequest"))
    return reverted(org, (input as { pullRequestId: string }).pullRequestId);
  if (query.includes("enqueuePullRequest")) {
    const { repo, pull } = pullById(org, (input as { pullRequestId: string }).pullRequestId);
    pull.queued = repo.hasMergeQueue;
    return ok({ data: { enqueuePullRequest: { clientMutationId: null } } });
  }
  const repo = org.repo(`${variables.owner}/${variables.name}`);
  return ok({ data: { repository: { mergeQueue: repo.hasMergeQueue ? { id: "MQ_1" } : null } } });
}

function reverted(org: FakeOrg, id: string): Reply {
  const { repo, pull } = pullById(org, id);
  const branch = `revert-${pull.number}-${pull.branch}`;
  const base = repo.commits.get(repo.branches.get(repo.default_branch)!)!;
  const files = new Map(base.files);
  for (const { path } of changedBy(repo, pull)) files.delete(path);
  const made = addCommit(repo, { message: `Revert #${pull.number}`, parent: base.sha, files });
  repo.branches.set(branch, made.sha);
  const { number, node_id } = addPull(repo, { branch, title: "Revert", body: "" });
  const url = `https://github.test/${repo.name}/pull/${number}`;
  return ok({ data: { revertPullRequest: { revertPullRequest: { number, id: node_id, url } } } });
}

/** Files that a merged pull request added. */
function changedBy(repo: FakeRepo, { head }: FakePull): { readonly path: string }[] {
  return changed(repo, head);
}

function pullById({ repos }: FakeOrg, id: string): { readonly repo: FakeRepo; readonly pull: FakePull } {
  for (const repo of repos) for (const pull of repo.pulls) if (pull.node_id === id) return { repo, pull };
  throw new Error(`no pull request ${id}`);
}
