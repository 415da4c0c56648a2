import { z } from "zod";

import { type FleetClient, fleetReads } from "../fleet/index.ts";
import { OutboundError } from "../outbound/index.ts";
import type { JobFact, RunFact } from "./evaluate-run.ts";
import type { KpiPort, Span } from "./ports.ts";

const PAGE = 100;
/** GitHub gives no more of a list that is narrowed down by time. */
const MAX_LISTED = 1000;
/** A span is not halved further. */
const MIN_SPAN_MS = 60_000;
const MAX_JOBS = 1000;
const MAX_TAGS = 500;
const MAX_FILE = 1024 * 1024;

const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** Source: docs.github.com, REST API, "Workflow runs"; the event `workflow_run` has the same. */
export const Run = z
  .object({
    id: z.int(),
    run_attempt: z.int().min(1).max(1000).default(1),
    path: z.string().max(1000),
    event: z.string().max(100),
    head_branch: z.string().max(1000).nullish(),
    head_sha: z.string().max(64),
    head_repository: z.object({ id: z.int() }).nullish(),
    repository: z.object({ id: z.int() }),
    status: z.string().nullish(),
    updated_at: Time,
    referenced_workflows: z
      .array(z.object({ path: z.string().max(1000), sha: z.string().max(64).optional() }))
      .max(100)
      .nullish(),
  })
  .transform((run): RunFact => {
    return {
      id: run.id,
      attempt: run.run_attempt,
      path: run.path,
      event: run.event,
      branch: run.head_branch ?? "",
      sha: run.head_sha,
      from: run.head_repository?.id ?? run.repository.id,
      isCompleted: run.status === "completed",
      updatedAt: run.updated_at,
      called: (run.referenced_workflows ?? []).map(({ path, sha }) => ({
        path,
        ...(sha !== undefined && { sha }),
      })),
    };
  });
const Runs = z.object({ total_count: z.int(), workflow_runs: z.array(Run) });
const Job = z
  .object({
    id: z.int(),
    name: z.string().max(1000),
    status: z.string(),
    conclusion: z.string().nullish(),
    started_at: Time.nullish(),
    completed_at: Time.nullish(),
  })
  .transform(({ id, name, status, conclusion, started_at: started, completed_at: ended }): JobFact => {
    return {
      id,
      name,
      ...(status === "completed" && typeof conclusion === "string" && { conclusion }),
      ...(typeof started === "number" && { startedAt: started }),
      ...(typeof ended === "number" && { completedAt: ended }),
    };
  });
const Jobs = z.object({ total_count: z.int(), jobs: z.array(Job) });
const Notes = z.array(z.object({ title: z.string().nullish(), message: z.string().nullish() }));
const File = z.object({ size: z.int(), encoding: z.string(), content: z.string() });
const Tag = z.object({ name: z.string(), commit: z.object({ sha: z.string() }) });

/** What figures are computed from, by GitHub's REST API. */
export function kpiReads(client: FleetClient): KpiPort {
  const { read, list } = client;
  return {
    repositories: fleetReads(client).repositories,
    runs: (name, span) => runsWithin(client, name, span),
    jobs: (name, run, attempt) => jobsOf(client, { name, run, attempt }),
    notes: async (name, job) => {
      const ask = { schema: Notes, doing: `read the annotations of a job of ${name}` };
      const notes = await read(
        `GET /repos/${name}/check-runs/{job}/annotations`,
        { job, per_page: PAGE },
        ask,
      );
      return notes.map(({ title, message }) => ({ title: title ?? "", message: message ?? "" }));
    },
    file: (name, path) => fileOf(client, name, path),
    tags: async (name) => {
      const tags: z.output<typeof Tag>[] = [];
      for await (const tag of list(
        `GET /repos/${name}/tags`,
        {},
        { schema: Tag, doing: `list the tags of ${name}` },
      )) {
        tags.push(tag);
        if (tags.length === MAX_TAGS) break;
      }
      return tags.map(({ name: tag, commit }) => ({ tag, sha: commit.sha }));
    },
  };
}

/** Halves the span where it holds more runs than GitHub lists. */
async function runsWithin(client: FleetClient, name: string, { from, to }: Span): Promise<RunFact[]> {
  const created = `${from.toISOString()}..${to.toISOString()}`;
  const ask = { schema: Runs, doing: `list the workflow runs of ${name}` };
  const page = (at: number) =>
    client.read(`GET /repos/${name}/actions/runs`, { created, per_page: PAGE, page: at }, ask);
  const { total_count: total, workflow_runs: found } = await page(1);
  if (total > MAX_LISTED) {
    const middle = new Date((from.getTime() + to.getTime()) / 2);
    if (to.getTime() - from.getTime() < MIN_SPAN_MS)
      throw new OutboundError(`could not ${ask.doing}: more than ${MAX_LISTED} within a minute`, false);
    const halves = [
      await runsWithin(client, name, { from, to: middle }),
      await runsWithin(client, name, { from: middle, to }),
    ];
    return [...new Map(halves.flat().map((run) => [run.id, run])).values()];
  }
  const runs = [...found];
  for (let at = 2; (at - 1) * PAGE < total; at += 1) runs.push(...(await page(at)).workflow_runs);
  return runs;
}

async function jobsOf(
  client: FleetClient,
  { name, run, attempt }: { readonly name: string; readonly run: number; readonly attempt: number },
): Promise<JobFact[]> {
  const ask = { schema: Jobs, doing: `list the jobs of a run of ${name}` };
  const jobs: JobFact[] = [];
  for (let page = 1; ; page += 1) {
    const { total_count: total, jobs: found } = await client.read(
      `GET /repos/${name}/actions/runs/{run}/attempts/{attempt}/jobs`,
      { run, attempt, per_page: PAGE, page },
      ask,
    );
    if (total > MAX_JOBS) throw new OutboundError(`could not ${ask.doing}: more than ${MAX_JOBS}`, false);
    jobs.push(...found);
    if (page * PAGE >= total) return jobs;
  }
}

async function fileOf(client: FleetClient, name: string, path: string): Promise<string | undefined> {
  const ask = { schema: File, doing: `read ${path} of ${name}` };
  try {
    const { size, encoding, content } = await client.read(
      `GET /repos/${name}/contents/{+path}`,
      { path },
      ask,
    );
    if (size > MAX_FILE || encoding !== "base64")
      throw new OutboundError(`could not ${ask.doing}: larger than ${MAX_FILE} bytes`, false);
    return Buffer.from(content, "base64").toString("utf8");
  } catch (error) {
    if (error instanceof OutboundError && error.status === 404) return undefined;
    throw error;
  }
}
