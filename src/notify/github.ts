import { z } from "zod";

import { parseJson } from "../core/index.ts";
import { checkedUrl, type Outbound, OutboundError } from "./outbound.ts";

const PAGE = 100;
const MOST_PAGES = 20;

const User = z.object({ login: z.string(), type: z.string().default("User") });
const Issue = z.object({
  number: z.int(),
  state: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  pull_request: z.unknown().optional(),
});
/** An issue, as far as it is looked at. */
export type Issue = z.output<typeof Issue>;
const Pull = z.object({ user: User.nullable(), head: z.object({ sha: z.string() }) });
/** A pull request, as far as it is looked at. */
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

/** The part of GitHub's REST API that waivers need. Rejects with OutboundError. */
export interface GitHub {
  /** Issues with a label, whether open or closed, the newest first; no pull requests. */
  readonly issues: (label: string) => Promise<Issue[]>;
  readonly createIssue: (issue: { title: string; body: string; labels: string[] }) => Promise<Issue>;
  readonly updateIssue: (number: number, change: { title?: string; body: string }) => Promise<Issue>;
  readonly pull: (number: number) => Promise<Pull>;
  /** Reviews in the order in which they were given. */
  readonly reviews: (number: number) => Promise<Review[]>;
}

/** A client for one repository. Throws OutboundError where repository or address are none. */
export function createGitHub({ outbound, url, token, repository }: GitHubOptions): GitHub {
  if (!/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(repository) || repository.includes(".."))
    throw new OutboundError(`${repository.slice(0, 80)} is not owner/name`, false);
  const base = `${checkedUrl(url, "the address of GitHub's API")}/repos/${repository}`;
  const headers = headersWith(token);
  const get = (path: string, doing: string): Promise<string> =>
    outbound.send({ method: "GET", url: `${base}${path}`, headers, doing });
  const pages = async <T>(path: string, schema: z.ZodType<T>, doing: string): Promise<T[]> => {
    const all: T[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const here = read(z.array(schema), await get(`${path}per_page=${PAGE}&page=${page}`, doing), doing);
      all.push(...here);
      if (here.length < PAGE) return all;
    }
    throw new OutboundError(`could not ${doing}: more than ${MOST_PAGES} pages`, false);
  };
  const write = async (
    method: "POST" | "PATCH",
    path: string,
    body: unknown,
    doing: string,
  ): Promise<Issue> =>
    read(Issue, await outbound.send({ method, url: `${base}${path}`, headers, body, doing }), doing);
  return {
    issues: async (label) => {
      const query = `/issues?state=all&labels=${encodeURIComponent(label)}&`;
      const found = await pages(query, Issue, "list issues");
      return found.filter(({ pull_request: pull }) => pull === undefined);
    },
    createIssue: (issue) => write("POST", "/issues", issue, "create an issue"),
    updateIssue: (number, change) => write("PATCH", `/issues/${number}`, change, "update an issue"),
    pull: async (number) => {
      const doing = "read the pull request";
      return read(Pull, await get(`/pulls/${number}`, doing), doing);
    },
    reviews: (number) => pages(`/pulls/${number}/reviews?`, Review, "read its reviews"),
  };
}

function headersWith(token: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
}

function read<T>(schema: z.ZodType<T>, text: string, doing: string): T {
  try {
    return schema.parse(parseJson(text));
  } catch {
    throw new OutboundError(`could not ${doing}: the answer is not what GitHub's API gives`, false);
  }
}
