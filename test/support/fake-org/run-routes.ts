import { NOT_FOUND, ok } from "./reply.ts";
import type { Answer } from "./repo-routes.ts";

/** GitHub lists no more of what is narrowed down by time. */
const MAX_LISTED = 1000;

/** What is read of runs, their jobs, and files. */
export const RUN_ROUTES: readonly (readonly [method: string, path: RegExp, answer: Answer])[] = [
  ["GET", /^\/actions\/runs$/, runsOf],
  [
    "GET",
    /^\/actions\/runs\/(\d+)\/attempts\/(\d+)\/jobs$/,
    ({ repo }, [, run, attempt]) => {
      const jobs = repo.jobs.get(`${run}.${attempt}`);
      return jobs === undefined ? NOT_FOUND : ok({ total_count: jobs.length, jobs });
    },
  ],
  ["GET", /^\/check-runs\/(\d+)\/annotations$/, ({ repo }, [, job]) => ok(repo.notes.get(Number(job)) ?? [])],
  ["GET", /^\/tags$/, ({ repo }) => ok(repo.tags)],
  ["GET", /^\/contents\/(.+)$/, contentOf],
];

function runsOf({ repo, query }: Parameters<Answer>[0]): ReturnType<Answer> {
  const [from, to] = (query.get("created") ?? "").split("..").map((each) => Date.parse(each));
  const [size, page] = [Number(query.get("per_page") ?? 30), Number(query.get("page") ?? 1)];
  const inside = repo.runs.filter((run) => {
    const created = Date.parse((run as { created_at?: string }).created_at ?? "");
    return Number.isNaN(from) || to === undefined || (created >= from! && created <= to);
  });
  const shown = inside.slice(0, MAX_LISTED).slice((page - 1) * size, page * size);
  return ok({ total_count: inside.length, workflow_runs: shown });
}

function contentOf({ repo }: Parameters<Answer>[0], [, path]: RegExpExecArray): ReturnType<Answer> {
  const head = repo.branches.get(repo.default_branch);
  const text = head === undefined ? undefined : repo.commits.get(head)!.files.get(decodeURIComponent(path!));
  if (text === undefined) return NOT_FOUND;
  return ok({ size: text.length, encoding: "base64", content: Buffer.from(text).toString("base64") });
}
