import { eachAtMost } from "../core/index.ts";
import { OPT_OUT_FILE, type OptOutList, readOptOut, reasonToSkip, type Repository } from "../fleet/index.ts";
import { OutboundError } from "../outbound/index.ts";
import { parseWaivers } from "../waivers/index.ts";
import { evaluateRun, isOfWorkflow, type RunFact } from "./evaluate-run.ts";
import type { Evaluation, Found, Release, RepositoryFact, WaiverDocumentFact } from "./facts.ts";
import type { KpiPort } from "./ports.ts";
import { releasesIn } from "./versions.ts";

const MAX_REPOSITORIES = 50_000;
/** Repositories that are read at the same time; GitHub allows a hundred requests. */
const AT_ONCE = 8;
/** Earlier attempts of a run that are read in addition to its last. */
const MAX_ATTEMPTS = 5;

/** Answers that are known already. */
export interface Known {
  readonly has: (run: number, attempt: number) => boolean;
  /** Whether a repository ran the workflow within the window. */
  readonly ran: (repository: number) => boolean;
  /** Takes answers that are new. */
  readonly record: (evaluations: readonly Evaluation[]) => void;
}

/** What is looked for, where and since when. */
export interface LookOptions {
  readonly github: KpiPort;
  readonly owner: string;
  /** The reusable workflow: `owner/name/.github/workflows/file.yml`. */
  readonly reusable: string;
  readonly optOuts: OptOutList;
  /** The waiver document of a repository. */
  readonly waivers: string;
  readonly now: Date;
  /** Runs that were created earlier are not asked for. */
  readonly since: Date;
  /** A repository without a push for so long is not active. */
  readonly activeMs: number;
  readonly known: Known;
  readonly onRepository?: (() => void) | undefined;
}

/** Reads every repository of an organisation. What GitHub does not answer about one makes it unknown. */
export async function look(options: LookOptions): Promise<Found> {
  const { github, owner, reusable, now } = options;
  const repositories = new Map<number, Repository>();
  for await (const repository of github.repositories(owner)) {
    repositories.set(repository.id, repository);
    if (repositories.size > MAX_REPOSITORIES)
      throw new OutboundError(`could not list repositories: more than ${MAX_REPOSITORIES}`, false);
  }
  const all = [...repositories.values()].toSorted((a, b) => a.id - b.id);
  const facts: RepositoryFact[] = [];
  const documents: WaiverDocumentFact[] = [];
  await eachAtMost(AT_ONCE, all, async (repository, at) => {
    const fact = await factOf(repository, options);
    facts[at] = fact;
    if (fact.state === "adopted") documents.push(await documentOf(fact, options));
    options.onRepository?.();
  });
  return {
    at: now.getTime(),
    repositories: facts,
    documents: documents.toSorted((a, b) => a.repository - b.repository),
    releases: await releasesOf(github, reusable),
  };
}

async function factOf(repository: Repository, options: LookOptions): Promise<RepositoryFact> {
  const { id, name, pushedAt } = repository;
  const { now, activeMs, known } = options;
  const why = reasonToSkip(repository, options.reusable);
  if (why !== undefined) return { id, name, state: "excluded", why };
  if (pushedAt === undefined || now.getTime() - pushedAt.getTime() > activeMs)
    return { id, name, state: "inactive" };
  try {
    await readRuns(repository, options);
    if (known.ran(id)) return { id, name, state: "adopted" };
    return await optedOut(repository, options);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return { id, name, state: known.ran(id) ? "adopted" : "unknown", why: error.message };
  }
}

async function readRuns(repository: Repository, options: LookOptions): Promise<void> {
  const { github, reusable, since, now } = options;
  const runs = await github.runs(repository.name, { from: since, to: now });
  for (const run of runs)
    if (isOfWorkflow(run, reusable))
      await readAttempts(run, { id: repository.id, name: repository.name }, options);
}

/** Reads what is not known of a run: its last attempt where that has ended, and earlier ones. */
export async function readAttempts(
  run: RunFact,
  { id, name }: Pick<Repository, "id" | "name">,
  { github, reusable, known }: Pick<LookOptions, "github" | "reusable" | "known">,
): Promise<void> {
  for (let attempt = Math.max(1, run.attempt - MAX_ATTEMPTS); attempt <= run.attempt; attempt += 1) {
    if (known.has(run.id, attempt) || (attempt === run.attempt && !run.isCompleted)) continue;
    const jobs = await github.jobs(name, run.id, attempt);
    const evaluations = await evaluateRun(
      { run: { ...run, attempt }, jobs, repository: id, reusable },
      (job) => readable(github.notes(name, job.id)),
    );
    known.record(evaluations);
  }
}

async function readable<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OutboundError) return undefined;
    throw error;
  }
}

/** A repository that stays out, until an end, by the organisation's list or by its own file. */
async function optedOut(
  { id, name }: Repository,
  { optOuts, github, now }: LookOptions,
): Promise<RepositoryFact> {
  const listed = optOuts.find((each) => each.repository.toLowerCase() === name.toLowerCase());
  if (listed !== undefined && now < listed.until)
    return { id, name, state: "opted-out", why: `${listed.owner}: ${listed.reason}` };
  const text = await github.file(name, OPT_OUT_FILE);
  if (text === undefined) return { id, name, state: "not-adopted" };
  const read = readOptOut(text);
  if (!read.ok) return { id, name, state: "unknown", why: `${OPT_OUT_FILE} cannot be read` };
  if (now >= read.value.until) return { id, name, state: "not-adopted" };
  return { id, name, state: "opted-out", why: `${read.value.owner}: ${read.value.reason}` };
}

async function documentOf({ id, name }: RepositoryFact, options: LookOptions): Promise<WaiverDocumentFact> {
  const { github, waivers: path } = options;
  const none = { repository: id, name, problems: 0, waivers: [] };
  const text = await readable(github.file(name, path).then((found) => found ?? ABSENT));
  if (text === undefined) return { ...none, state: "unknown" };
  if (text === ABSENT) return { ...none, state: "absent" };
  const read = parseWaivers(text);
  if (!read.ok) return { ...none, problems: read.problems.length, state: "unreadable" };
  const { waivers, problems } = read.value;
  return {
    repository: id,
    name,
    state: "read",
    problems: problems.length,
    waivers: waivers.map(({ id: waiver, owners, from, until }) => ({ id: waiver, owners, from, until })),
  };
}

const ABSENT = Symbol("the file is not there");

async function releasesOf(github: KpiPort, reusable: string): Promise<Release[] | undefined> {
  const tags = await readable(github.tags(reusable.split("/", 2).join("/")));
  return tags && releasesIn(tags);
}
