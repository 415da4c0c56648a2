import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One issue of the fake. */
export interface FakeIssue {
  readonly number: number;
  title: string;
  body: string;
  state: string;
  readonly labels: readonly string[];
  readonly html_url: string;
  readonly user: { readonly login: string };
}

/** One comment of the fake. */
export interface FakeComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly user: { readonly login: string };
  readonly created_at: string;
}

/** A GitHub of one repository, acme/policy, and a Slack webhook, on loopback. */
export interface FakeGitHub {
  readonly url: string;
  readonly webhook: string;
  readonly issues: FakeIssue[];
  readonly comments: FakeComment[];
  /** How many entries a page shows of the hundred that are asked for: GitHub leaves out what the token may not see. */
  perPage: number;
  /** Whom the token stands for. */
  login: string;
  /** What happens right before a write is answered, such as another run's write. */
  beforeWrite: ((write: string) => void) | undefined;
  readonly reviews: object[];
  pull: object;
  /** The workflow run 501; there is none where undefined. */
  run: object | undefined;
  /** Texts that Slack was sent. */
  readonly messages: string[];
  /** `METHOD path` of each request but GET, and but the question whom the token stands for. */
  readonly writes: string[];
  /** Answers by this status and headers instead, where its path begins so. */
  failing:
    | { readonly path: string; readonly status: number; readonly headers?: Record<string, string> }
    | undefined;
  /** A comment as somebody else writes it. */
  readonly comment: (issue: number, body: string, login: string, created?: Date) => FakeComment;
  readonly clear: () => void;
  readonly close: () => Promise<void>;
}

/** Characters of an issue or a comment, as GitHub limits them. */
const MAX_BODY = 65_536;
const BOT = "github-actions[bot]";
const TOKEN = "token-of-the-test";
const HOOK = "/services/T000/B000/secret-of-the-webhook";

/** Starts one. Every call must bring the test's token; pages hold 100 entries. */
export async function startFakeGitHub(): Promise<FakeGitHub> {
  const server = createServer((request, response) => void answer(fake, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let ids = 7000;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeGitHub = {
    url,
    webhook: url + HOOK,
    issues: [],
    comments: [],
    perPage: 100,
    login: BOT,
    beforeWrite: undefined,
    reviews: [],
    pull: { user: { login: "ana" }, head: { sha: "head" } },
    run: undefined,
    messages: [],
    writes: [],
    failing: undefined,
    comment: (issue, body, login, created = new Date()) => {
      const id = (ids += 1);
      const comment = { id, issue, body, user: { login }, created_at: created.toISOString() };
      fake.comments.push(comment);
      return comment;
    },
    clear: () => {
      for (const list of [fake.issues, fake.comments, fake.reviews, fake.messages, fake.writes])
        list.length = 0;
      fake.perPage = 100;
      fake.login = BOT;
      fake.beforeWrite = undefined;
      fake.failing = undefined;
      ids = 7000;
    },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
  return fake;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

async function answer(fake: FakeGitHub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readAll(request);
  const { status, body, headers = {} } = reply(fake, request, text);
  response.writeHead(status, headers).end(status === 204 ? undefined : JSON.stringify(body));
}

function reply(fake: FakeGitHub, { method, url, headers }: IncomingMessage, text: string): Reply {
  const { pathname, searchParams } = new URL(url!, fake.url);
  const isSlack = pathname === HOOK;
  const write = `${method!} ${isSlack ? "slack" : pathname}`;
  if (method !== "GET" && pathname !== "/graphql") {
    fake.writes.push(write);
    fake.beforeWrite?.(write);
  }
  const { failing } = fake;
  if (failing !== undefined && pathname.startsWith(failing.path)) return { ...failing, body: {} };
  if (isSlack) return posted(fake, text);
  if (headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: {} };
  const path = pathname.replace("/repos/acme/policy", "");
  return method === "GET" ? shown(fake, path, searchParams) : changed(fake, method!, { path, text });
}

function posted({ messages }: FakeGitHub, text: string): Reply {
  messages.push((JSON.parse(text) as { text: string }).text);
  return { status: 200, body: "ok" };
}

function changed(
  fake: FakeGitHub,
  method: string,
  { path, text }: { readonly path: string; readonly text: string },
): Reply {
  if (path === "/graphql") return { status: 200, body: { data: { viewer: { login: fake.login } } } };
  if (method === "DELETE") return deleted(fake, path);
  const { body = "" } = JSON.parse(text) as { readonly body?: string };
  if (body.length > MAX_BODY) return { status: 422, body: { message: "body is too long" } };
  return /\/comments(?:\/|$)/.test(path) ? commented(fake, path, body) : written(fake, path, text);
}

function shown(
  { pull, run, reviews, issues, comments, perPage }: FakeGitHub,
  path: string,
  query: URLSearchParams,
): Reply {
  const page = Number(query.get("page") ?? 1);
  const paged = (all: readonly object[]): Reply => {
    return { status: 200, body: all.slice((page - 1) * perPage, page * perPage) };
  };
  const label = query.get("labels") ?? "";
  if (path === "/actions/runs/501" && run !== undefined) return { status: 200, body: run };
  if (path === "/pulls/17") return { status: 200, body: pull };
  if (path === "/pulls/17/reviews") return paged(reviews);
  const issue = /^\/issues\/(\d+)\/comments$/.exec(path)?.[1];
  if (issue !== undefined) return paged(comments.filter((each) => each.issue === Number(issue)));
  if (path === "/issues") return paged(issues.filter(({ labels }) => labels.includes(label)));
  return { status: 404, body: {} };
}

function commented(fake: FakeGitHub, path: string, body: string): Reply {
  const issue = /^\/issues\/(\d+)\/comments$/.exec(path)?.[1];
  if (issue !== undefined) return { status: 201, body: fake.comment(Number(issue), body, fake.login) };
  const comment = fake.comments.find(({ id }) => path === `/issues/comments/${id}`);
  return comment === undefined
    ? { status: 404, body: {} }
    : { status: 200, body: Object.assign(comment, { body }) };
}

function deleted({ comments }: FakeGitHub, path: string): Reply {
  const at = comments.findIndex(({ id }) => path === `/issues/comments/${id}`);
  if (at < 0) return { status: 404, body: {} };
  comments.splice(at, 1);
  return { status: 204, body: "" };
}

function written({ issues, login }: FakeGitHub, path: string, text: string): Reply {
  const change = JSON.parse(text) as FakeIssue;
  if (path !== "/issues") {
    const issue = issues.find(({ number }) => path === `/issues/${number}`);
    return issue === undefined
      ? { status: 404, body: {} }
      : { status: 200, body: Object.assign(issue, change) };
  }
  const number = issues.length + 1;
  const issue = {
    ...change,
    number,
    state: "open",
    user: { login },
    html_url: `https://github.test/acme/policy/issues/${number}`,
  };
  issues.unshift(issue);
  return { status: 201, body: issue };
}

/** The token that it takes. */
export const GITHUB_TOKEN = TOKEN;

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
