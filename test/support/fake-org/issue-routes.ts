import { NOT_FOUND, ok, refused, type Reply } from "./reply.ts";

/** An issue, a label or a milestone of the fake. */
interface Entry {
  readonly number: number;
  title: string;
  body: string;
  state: string;
  labels: readonly string[];
  assignees: readonly string[];
  milestone: number | null;
}

/** Issues of one repository, with its labels and milestones. */
export interface FakeIssues {
  readonly issues: Entry[];
  readonly labels: { readonly name: string }[];
  readonly milestones: {
    readonly number: number;
    readonly title: string;
    due_on: string | null;
    description: string;
  }[];
  /** Logins that may be assigned. */
  people: readonly string[];
}

export function newIssues(): FakeIssues {
  return { issues: [], labels: [], milestones: [], people: [] };
}

/** Answers what is below `/repos/owner/name` and about issues; undefined for everything else. */
export function issueReply(
  all: FakeIssues,
  method: string,
  path: string,
  { query, body }: { readonly query: URLSearchParams; readonly body: unknown },
): Reply | undefined {
  const [, kind, number] = /^\/(issues|labels|milestones|assignees)(?:\/([\w-]+))?$/.exec(path) ?? [];
  if (kind === undefined) return undefined;
  if (kind === "assignees") return all.people.includes(number!) ? { status: 204, body: "" } : NOT_FOUND;
  if (method === "GET") return paged(listed(all, kind, query), query);
  return kind === "issues"
    ? writtenIssue(all, number, body as Partial<Entry>)
    : writtenOther(all, kind, body as { name: string; title: string });
}

function paged(entries: readonly object[], query: URLSearchParams): Reply {
  const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 30)];
  return ok(entries.slice((page - 1) * size, page * size));
}

function listed(
  { issues, labels, milestones }: FakeIssues,
  kind: string,
  query: URLSearchParams,
): readonly object[] {
  if (kind === "labels") return labels;
  if (kind === "milestones") return milestones;
  const label = query.get("labels");
  return issues
    .filter((each) => label === null || each.labels.includes(label))
    .map((each) => issueJson(each, milestones));
}

function issueJson(issue: Entry, milestones: FakeIssues["milestones"]): object {
  return {
    ...issue,
    html_url: `https://github.test/issues/${issue.number}`,
    user: { login: "mc[bot]" },
    labels: issue.labels.map((name) => ({ name })),
    assignees: issue.assignees.map((login) => ({ login })),
    milestone: milestones.find(({ number }) => number === issue.milestone) ?? null,
  };
}

function writtenIssue(
  { issues, milestones }: FakeIssues,
  number: string | undefined,
  change: Partial<Entry>,
): Reply {
  const old = issues.find((each) => each.number === Number(number));
  if (number !== undefined && old === undefined) return NOT_FOUND;
  if ((change.body?.length ?? 0) > 65_536) return refused("body is too long");
  const fresh: Entry = {
    number: issues.length + 1,
    title: "",
    body: "",
    state: "open",
    labels: [],
    assignees: [],
    milestone: null,
  };
  const issue = Object.assign(old ?? fresh, change);
  if (old === undefined) issues.push(issue);
  return ok(issueJson(issue, milestones), old === undefined ? 201 : 200);
}

function writtenOther(
  { labels, milestones }: FakeIssues,
  kind: string,
  body: { readonly name: string; readonly title: string },
): Reply {
  if (kind === "labels") {
    if (labels.some(({ name }) => name.toLowerCase() === body.name.toLowerCase()))
      return refused("already_exists");
    labels.push(body);
    return ok(body, 201);
  }
  const milestone = { due_on: null, description: "", ...body, number: milestones.length + 1 };
  milestones.push(milestone);
  return ok(milestone, 201);
}
