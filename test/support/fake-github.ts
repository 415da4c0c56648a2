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
}

/** A GitHub of one repository, acme/policy, and a Slack webhook, on loopback. */
export interface FakeGitHub {
  readonly url: string;
  readonly webhook: string;
  readonly issues: FakeIssue[];
  readonly reviews: object[];
  pull: object;
  /** Texts that Slack was sent. */
  readonly messages: string[];
  /** `METHOD path` of each request but GET. */
  readonly writes: string[];
  /** Answers by this status and headers instead, where its path begins so. */
  failing:
    | { readonly path: string; readonly status: number; readonly headers?: Record<string, string> }
    | undefined;
  readonly clear: () => void;
  readonly close: () => Promise<void>;
}

const TOKEN = "token-of-the-test";
const HOOK = "/services/T000/B000/secret-of-the-webhook";

/** Starts one. Every call must bring the test's token; pages hold 100 entries. */
export async function startFakeGitHub(): Promise<FakeGitHub> {
  const server = createServer((request, response) => void answer(fake, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeGitHub = {
    url,
    webhook: url + HOOK,
    issues: [],
    reviews: [],
    pull: { user: { login: "ana" }, head: { sha: "head" } },
    messages: [],
    writes: [],
    failing: undefined,
    clear: () => {
      for (const list of [fake.issues, fake.reviews, fake.messages, fake.writes]) list.length = 0;
      fake.failing = undefined;
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
  response.writeHead(status, headers).end(JSON.stringify(body));
}

function reply(fake: FakeGitHub, { method, url, headers }: IncomingMessage, text: string): Reply {
  const { pathname, searchParams } = new URL(url!, fake.url);
  const isSlack = pathname === HOOK;
  if (method !== "GET") fake.writes.push(`${method!} ${isSlack ? "slack" : pathname}`);
  const { failing } = fake;
  if (failing !== undefined && pathname.startsWith(failing.path)) return { ...failing, body: {} };
  if (isSlack) {
    fake.messages.push((JSON.parse(text) as { text: string }).text);
    return { status: 200, body: "ok" };
  }
  if (headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: {} };
  const path = pathname.replace("/repos/acme/policy", "");
  return method === "GET" ? shown(fake, path, searchParams) : written(fake, path, text);
}

function shown({ pull, reviews, issues }: FakeGitHub, path: string, query: URLSearchParams): Reply {
  const page = Number(query.get("page") ?? 1);
  const paged = (all: readonly object[]): Reply => {
    return { status: 200, body: all.slice((page - 1) * 100, page * 100) };
  };
  const label = query.get("labels") ?? "";
  if (path === "/pulls/17") return { status: 200, body: pull };
  if (path === "/pulls/17/reviews") return paged(reviews);
  if (path === "/issues") return paged(issues.filter(({ labels }) => labels.includes(label)));
  return { status: 404, body: {} };
}

function written({ issues }: FakeGitHub, path: string, text: string): Reply {
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
