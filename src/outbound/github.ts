import { z } from "zod";

import { parseJson } from "../core/index.ts";
import { type Call, checkedUrl, type Outbound, OutboundError } from "./call.ts";
import { type GitHubRuns, runsIn } from "./github-runs.ts";

const PAGE = 100;
const MAX_PAGES = 20;

const User = z.object({ login: z.string(), type: z.string().default("User") });
const Issue = z.object({
  number: z.int(),
  state: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  user: User.nullable(),
  pull_request: z.unknown().optional(),
});
/** An issue, as far as it is read. */
export type Issue = z.output<typeof Issue>;
const Comment = z.object({
  id: z.int(),
  body: z.string().nullish(),
  user: User.nullable(),
  created_at: z.iso.datetime().transform((text) => new Date(text)),
});
/** A comment on an issue. */
export type Comment = z.output<typeof Comment>;
const Viewer = z.object({ data: z.object({ viewer: z.object({ login: z.string().min(1) }) }) });
const Pull = z.object({
  user: User.nullable(),
  state: z.string().optional(),
  head: z.object({
    sha: z.string(),
    ref: z.string().optional(),
    // None where a fork was deleted.
    repo: z.object({ full_name: z.string() }).nullish(),
  }),
});
/** A pull request, as far as it is read. */
export type Pull = z.output<typeof Pull>;
const Review = z.object({ user: User.nullable(), state: z.string(), commit_id: z.string().nullish() });
/** One review of a pull request. */
export type Review = z.output<typeof Review>;

/** Which repository, and who asks. */
export interface GitHubOptions {
  readonly outbound: Outbound;
  /** `https://api.github.com`, or a server of one's own. */
  readonly url: string;
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
}

/** What an issue is made with. */
export interface NewIssue {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
}

/** What of an issue changes. */
export interface IssueChange {
  readonly title?: string;
  readonly body?: string;
  readonly state?: "open" | "closed";
}

/** The part of GitHub's API that commands need. Rejects with OutboundError. */
export interface GitHub extends GitHubRuns {
  /** The login that the token represents, as it is in what it writes: `github-actions[bot]`. */
  readonly viewer: () => Promise<string>;
  /** Issues with a label, whether open or closed, the newest first; no pull requests. */
  readonly issues: (label: string) => Promise<Issue[]>;
  readonly createIssue: (issue: NewIssue) => Promise<Issue>;
  readonly updateIssue: (number: number, change: IssueChange) => Promise<Issue>;
  /** Comments of an issue, the oldest first. */
  readonly comments: (number: number) => Promise<Comment[]>;
  readonly createComment: (number: number, body: string) => Promise<Comment>;
  readonly updateComment: (id: number, body: string) => Promise<Comment>;
  readonly deleteComment: (id: number) => Promise<void>;
  readonly pull: (number: number) => Promise<Pull>;
  /** Reviews in the order in which they were given. */
  readonly reviews: (number: number) => Promise<Review[]>;
}

/** A client for one repository. Throws OutboundError where repository or address are none. */
export function createGitHub(options: GitHubOptions): GitHub {
  const rest = createRest(options);
  return {
    viewer: () => viewerOf(options),
    ...issuesIn(rest),
    ...commentsIn(rest),
    ...runsIn(rest.read),
    pull: (number) => rest.read(`/pulls/${number}`, Pull, "read the pull request"),
    reviews: (number) => rest.pages(`/pulls/${number}/reviews?`, Review, "read its reviews"),
  };
}

function issuesIn({ pages, write }: Rest): Pick<GitHub, "issues" | "createIssue" | "updateIssue"> {
  return {
    issues: async (label) => {
      const query = `/issues?state=all&labels=${encodeURIComponent(label)}&`;
      const found = await pages(query, Issue, "list issues");
      return found.filter(({ pull_request: pull }) => pull === undefined);
    },
    createIssue: (body) => write({ method: "POST", path: "/issues", body, doing: "create an issue" }, Issue),
    updateIssue: (number, body) =>
      write({ method: "PATCH", path: `/issues/${number}`, body, doing: "update an issue" }, Issue),
  };
}

function commentsIn({
  pages,
  write,
  send,
}: Rest): Pick<GitHub, "comments" | "createComment" | "updateComment" | "deleteComment"> {
  return {
    comments: (number) => pages(`/issues/${number}/comments?`, Comment, "list comments"),
    createComment: (number, text) => {
      const path = `/issues/${number}/comments`;
      return write({ method: "POST", path, body: { body: text }, doing: "write a comment" }, Comment);
    },
    updateComment: (id, text) =>
      write(
        { method: "PATCH", path: commentPath(id), body: { body: text }, doing: "update a comment" },
        Comment,
      ),
    deleteComment: async (id) => {
      await send({ method: "DELETE", path: commentPath(id), doing: "delete a comment" });
    },
  };
}

function commentPath(id: number): string {
  return `/issues/comments/${id}`;
}

type RestCall = Omit<Call, "url" | "headers"> & { readonly path: string };

/** Calls to GitHub's REST API of one repository. */
interface Rest {
  readonly send: (call: RestCall) => Promise<string>;
  readonly read: <T>(path: string, schema: z.ZodType<T>, doing: string) => Promise<T>;
  readonly write: <T>(call: RestCall, schema: z.ZodType<T>) => Promise<T>;
  /** Everything of a list; `path` ends in ? or &. */
  readonly pages: <T>(path: string, schema: z.ZodType<T>, doing: string) => Promise<T[]>;
}

function createRest({ outbound, url, token, repository }: GitHubOptions): Rest {
  if (!/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(repository) || repository.includes(".."))
    throw new OutboundError(`${repository.slice(0, 80)} is not owner/name`, false);
  const base = `${checkedUrl(url, "the address of GitHub's API")}/repos/${repository}`;
  const headers = headersWith(token);
  const send: Rest["send"] = ({ path, ...call }) =>
    outbound.send({ ...call, url: `${base}${path}`, headers });
  const read: Rest["read"] = async (path, schema, doing) =>
    parsed(schema, await send({ method: "GET", path, doing }), doing);
  return {
    send,
    read,
    write: async (call, schema) => parsed(schema, await send(call), call.doing),
    pages: async (path, schema, doing) => {
      const all: z.output<typeof schema>[] = [];
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const here = await read(`${path}per_page=${PAGE}&page=${page}`, z.array(schema), doing);
        // A page may be short and not the last one: GitHub takes out what the token may not see.
        if (here.length === 0) return all;
        all.push(...here);
      }
      throw new OutboundError(`could not ${doing}: more than ${MAX_PAGES} pages`, false);
    },
  };
}

async function viewerOf({ outbound, url, token }: GitHubOptions): Promise<string> {
  const doing = "look up the token's user";
  const body = { query: "query { viewer { login } }" };
  const call = { method: "POST", url: graphQlOf(url), headers: headersWith(token), body, doing } as const;
  return parsed(Viewer, await outbound.send(call), doing).data.viewer.login;
}

/** GraphQL knows installation tokens, too, which REST's /user refuses. A server of one's own has it next to `/api/v3`. */
function graphQlOf(url: string): string {
  const base = checkedUrl(url, "the address of GitHub's API");
  return base.endsWith("/api/v3") ? `${base.slice(0, -"/v3".length)}/graphql` : `${base}/graphql`;
}

function headersWith(token: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
}

function parsed<T>(schema: z.ZodType<T>, text: string, doing: string): T {
  try {
    return schema.parse(parseJson(text));
  } catch {
    throw new OutboundError(`could not ${doing}: the answer is not what GitHub's API gives`, false);
  }
}
