import { eachAtMost } from "../../core/index.ts";
import { OutboundError } from "../../outbound/index.ts";
import { BRANCH } from "../campaign.ts";
import type { FleetReads, FleetRun, Repository, Tree } from "../ports.ts";
import { callersIn, refOf } from "./callers.ts";
import { CODEOWNERS_FILES } from "./codeowners.ts";
import { OPT_OUT_FILE, type OptOutList, readOptOut } from "./opt-out.ts";
import type { Contents, NamedText, Survey, Work } from "./survey.ts";

const MAX_WORKFLOWS = 100;
const MAX_REPOSITORIES = 50_000;
/** Repositories that are read at the same time; GitHub allows a hundred requests. */
const AT_ONCE = 8;

/** What repositories are looked through for. */
export interface DiscoverOptions {
  readonly github: FleetReads;
  readonly owner: string;
  /** The reusable workflow: `owner/name/.github/workflows/file.yml`. */
  readonly reusable: string;
  readonly optOuts: OptOutList;
  readonly now: Date;
  readonly onRepository?: ((survey: Survey) => void) | undefined;
}

/** Surveys every repository of an organisation, in the order of GitHub's ids: no repository twice. */
export async function discover(options: DiscoverOptions): Promise<Survey[]> {
  const repositories = new Map<number, Repository>();
  for await (const repository of options.github.repositories(options.owner)) {
    repositories.set(repository.id, repository);
    if (repositories.size > MAX_REPOSITORIES)
      throw new OutboundError(`could not list repositories: more than ${MAX_REPOSITORIES}`, false);
  }
  const surveys: Survey[] = [];
  const inOrder = [...repositories.values()].toSorted((a, b) => a.id - b.id);
  await eachAtMost(AT_ONCE, inOrder, async (repository, at) => {
    const found = await survey(repository, options);
    options.onRepository?.(found);
    surveys[at] = found;
  });
  return surveys;
}

/** Surveys one repository. What GitHub does not answer makes it unknown, and never skipped. */
export async function survey(repository: Repository, options: DiscoverOptions): Promise<Survey> {
  const why = reasonToSkip(repository, options.reusable);
  if (why !== undefined) return { repository, state: "skipped", why };
  const listed = options.optOuts.find(
    ({ repository: name }) => name.toLowerCase() === repository.name.toLowerCase(),
  );
  if (listed !== undefined && options.now < listed.until)
    return { repository, state: "opted-out", owner: listed.owner, until: listed.until, why: listed.reason };
  try {
    return await inspect(repository, options);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const renamed = error.status === 404 ? await current(repository, options.github) : undefined;
    if (renamed !== undefined) return inspectRenamed(renamed, options);
    return { repository, state: "unknown", why: error.message };
  }
}

async function inspectRenamed(repository: Repository, options: DiscoverOptions): Promise<Survey> {
  const why = reasonToSkip(repository, options.reusable);
  if (why !== undefined) return { repository, state: "skipped", why };
  try {
    return await inspect(repository, options);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return { repository, state: "unknown", why: error.message };
  }
}

/** The repository as it is by now, where that differs: its default branch was renamed, or it was archived. */
async function current(before: Repository, github: FleetReads): Promise<Repository | undefined> {
  try {
    const now = await github.repository(before.name);
    return now.defaultBranch !== before.defaultBranch || now.isArchived !== before.isArchived
      ? now
      : undefined;
  } catch (error) {
    if (error instanceof OutboundError) return undefined;
    throw error;
  }
}

/** Why a repository is of no interest; undefined for one that is. */
export function reasonToSkip(repository: Repository, reusable: string): string | undefined {
  if (reusable.toLowerCase().startsWith(`${repository.name.toLowerCase()}/`))
    return "holds the reusable workflow";
  const reasons: readonly (readonly [boolean, string])[] = [
    [repository.isArchived, "archived"],
    [repository.isDisabled, "disabled"],
    [repository.isFork, "fork"],
    [repository.isTemplate, "template"],
    [repository.isMirror, "mirror"],
    [repository.pushedAt === undefined, "empty"],
  ];
  return reasons.find(([applies]) => applies)?.[1];
}

async function inspect(repository: Repository, options: DiscoverOptions): Promise<Survey> {
  const { github, reusable, now } = options;
  const { name, defaultBranch } = repository;
  const tree = await github.tree(name, defaultBranch);
  if (tree === "empty") return { repository, state: "skipped", why: "empty" };
  if (!tree.isWhole) return { repository, state: "unknown", why: "GitHub cuts the list of its files" };
  const own = await textOf(tree, OPT_OUT_FILE, { github, name });
  if (own !== undefined) {
    const out = readOptOut(own.text);
    if (!out.ok)
      return {
        repository,
        state: "unknown",
        why: `${OPT_OUT_FILE} cannot be read: ${out.problems[0]!.message}`,
      };
    if (now < out.value.until)
      return {
        repository,
        state: "opted-out",
        owner: out.value.owner,
        until: out.value.until,
        why: out.value.reason,
      };
  }
  const contents = await contentsOf(tree, { github, name });
  const work = await workIn(repository, github);
  const { callers, unread } = callersIn(contents.workflows, reusable);
  if (callers.length > 0) return { repository, state: "adopted", by: "caller", callers, contents, work };
  if (unread.length > 0)
    return { repository, state: "unknown", why: `${unread[0]} cannot be read as a workflow` };
  const runs = await github.runs(name);
  if (runs.some((run) => isByRuleset(run, reusable)))
    return { repository, state: "adopted", by: "ruleset", work };
  return { repository, state: "candidate", contents, work };
}

/** A run whose own workflow is the organisation's: nothing in the repository calls it. */
function isByRuleset({ path }: FleetRun, reusable: string): boolean {
  return refOf(path, reusable) !== undefined;
}

interface Place {
  readonly github: FleetReads;
  readonly name: string;
}

async function contentsOf(tree: Tree, place: Place): Promise<Contents> {
  const files = tree.files.filter(({ path }) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
  if (files.length > MAX_WORKFLOWS)
    throw new OutboundError(`could not read its workflows: more than ${MAX_WORKFLOWS}`, false);
  const workflows: NamedText[] = [];
  for (const { path, sha } of files) workflows.push({ path, text: await place.github.blob(place.name, sha) });
  const path = CODEOWNERS_FILES.find((each) => tree.files.some((file) => file.path === each));
  const codeowners = path === undefined ? undefined : await textOf(tree, path, place);
  const isRead = new Set([...files.map((file) => file.path), path, OPT_OUT_FILE]);
  const read = tree.files.filter((file) => isRead.has(file.path)).map((file) => `${file.path}@${file.sha}`);
  return { tree, workflows, read, ...(codeowners !== undefined && { codeowners }) };
}

async function textOf(tree: Tree, path: string, { github, name }: Place): Promise<NamedText | undefined> {
  const file = tree.files.find((each) => each.path === path);
  return file === undefined ? undefined : { path, text: await github.blob(name, file.sha) };
}

/** The newest pull request of the campaign, and what its branch holds. */
async function workIn({ name, defaultBranch }: Repository, github: FleetReads): Promise<Work> {
  const [pull] = await github.pulls(name, BRANCH);
  const branchHead = await github.head(name, BRANCH);
  const change = branchHead === undefined ? undefined : await github.change(name, defaultBranch, BRANCH);
  return {
    ...(pull !== undefined && { pull }),
    ...(branchHead !== undefined && { branchHead }),
    ...(change !== undefined && { change }),
  };
}
