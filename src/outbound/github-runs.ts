import { z } from "zod";

import { OutboundError } from "./call.ts";

const PAGE = 100;
const MAX_PAGES = 20;

const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Word = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** Source: docs.github.com, REST API, "List workflow runs for a repository". */
const Run = z
  .object({
    id: z.int(),
    name: Word,
    html_url: z.string(),
    status: Word,
    conclusion: Word,
    head_sha: z.string(),
    head_branch: Word,
    head_repository: z.object({ full_name: z.string() }).nullish(),
    event: Word,
    created_at: Time,
    run_started_at: Time.nullish(),
    updated_at: Time.nullish(),
  })
  .transform(
    ({ html_url: url, head_sha: commit, created_at: createdAt, name = "", status = "unknown", ...rest }) => {
      const { head_branch: branch, head_repository: headRepository, ...dated } = rest;
      const { run_started_at: startedAt, updated_at: updatedAt, ...others } = dated;
      const repository = headRepository?.full_name;
      const times = { createdAt, startedAt: startedAt ?? createdAt, updatedAt: updatedAt ?? undefined };
      return { ...others, name, status, url, commit, branch, repository, ...times };
    },
  );
/** A workflow run, as far as it is read. */
export type GitHubRun = z.output<typeof Run>;

/** Source: docs.github.com, REST API, "List jobs for a workflow run". */
const Job = z
  .object({
    name: z.string(),
    html_url: Word,
    status: z.string(),
    conclusion: Word,
    started_at: Time.nullish(),
    steps: z.array(z.object({ name: z.string(), number: z.int(), conclusion: Word })).default([]),
  })
  .transform(({ html_url: url, started_at: startedAt, ...rest }) => {
    return { ...rest, url, startedAt: startedAt ?? undefined };
  });
/** A job of a run, as far as it is read. */
export type GitHubJob = z.output<typeof Job>;

const RunsPage = z.object({ workflow_runs: z.array(Run) });
const JobsPage = z.object({ jobs: z.array(Job) });

/** Which runs are meant. */
export type RunQuery = { readonly branch: string } | { readonly commit: string };

/** Workflow runs of a repository. Rejects with OutboundError. */
export interface GitHubRuns {
  /** The newest runs, at most 100. */
  readonly runs: (query: RunQuery) => Promise<GitHubRun[]>;
  /** One run; its last attempt where none is named. */
  readonly run: (id: number, attempt?: number) => Promise<GitHubRun>;
  /** All jobs of a run's attempt. */
  readonly jobs: (id: number, attempt?: number) => Promise<GitHubJob[]>;
}

type Read = <T>(path: string, schema: z.ZodType<T>, doing: string) => Promise<T>;

/** Reads runs through a client of one repository. */
export function runsIn(read: Read): GitHubRuns {
  return {
    runs: async (query) => {
      const which =
        "branch" in query
          ? `branch=${encodeURIComponent(query.branch)}`
          : `head_sha=${encodeURIComponent(query.commit)}`;
      const page = await read(`/actions/runs?${which}&per_page=${PAGE}`, RunsPage, "list its runs");
      return page.workflow_runs;
    },
    run: (id, attempt) => read(pathOf(id, attempt), Run, "read the run"),
    jobs: async (id, attempt) => {
      const all: GitHubJob[] = [];
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const path = `${pathOf(id, attempt)}/jobs?per_page=${PAGE}&page=${page}`;
        const { jobs } = await read(path, JobsPage, "list the run's jobs");
        if (jobs.length === 0) return all;
        all.push(...jobs);
      }
      throw new OutboundError(`could not list the run's jobs: more than ${MAX_PAGES} pages`, false);
    },
  };
}

function pathOf(id: number, attempt: number | undefined): string {
  return attempt === undefined ? `/actions/runs/${id}` : `/actions/runs/${id}/attempts/${attempt}`;
}
