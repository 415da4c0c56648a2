import { z } from "zod";

import { OutboundError } from "../../outbound/index.ts";
import type { CampaignPull, Checks, FleetReads, Repository } from "../ports.ts";
import type { FleetClient } from "./client.ts";

const MAX_BLOB = 1024 * 1024;
const MAX_PULLS = 100;

/** Source: docs.github.com, REST API, "List organization repositories". */
const Repo = z
  .object({
    id: z.int(),
    full_name: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/),
    default_branch: z.string().min(1).max(255),
    archived: z.boolean(),
    disabled: z.boolean(),
    fork: z.boolean(),
    is_template: z.boolean().default(false),
    mirror_url: z.string().nullish(),
    pushed_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .transform((repo): Repository => {
    return {
      id: repo.id,
      name: repo.full_name,
      defaultBranch: repo.default_branch,
      isArchived: repo.archived,
      isDisabled: repo.disabled,
      isFork: repo.fork,
      isTemplate: repo.is_template,
      isMirror: typeof repo.mirror_url === "string",
      ...(typeof repo.pushed_at === "string" && { pushedAt: new Date(repo.pushed_at) }),
    };
  });
const Trees = z.object({
  tree: z.array(z.object({ path: z.string(), sha: z.string(), type: z.string() })),
  truncated: z.boolean(),
});
const Blob = z.object({ content: z.string(), encoding: z.literal("base64"), size: z.int() });
const Pull = z
  .object({
    number: z.int(),
    node_id: z.string(),
    state: z.enum(["open", "closed"]),
    merged_at: z.string().nullish(),
    head: z.object({ sha: z.string() }),
    body: z.string().nullish(),
    html_url: z.string(),
  })
  .transform(
    ({ number, node_id: nodeId, html_url: url, head, body, state, merged_at: merged }): CampaignPull => {
      const is = typeof merged === "string" ? "merged" : state;
      return { number, nodeId, state: is, head: head.sha, body: body ?? "", url };
    },
  );
const Ref = z.object({ object: z.object({ sha: z.string() }) });
const Compared = z.object({
  commits: z.array(z.object({ sha: z.string(), commit: z.object({ message: z.string() }) })),
  files: z.array(z.object({ filename: z.string(), sha: z.string().nullable() })).default([]),
});
const Called = z
  .object({ path: z.string(), sha: z.string().optional() })
  .transform(({ path, sha }) => ({ path, ...(sha !== undefined && { sha }) }));
const Runs = z.object({
  workflow_runs: z.array(z.object({ path: z.string(), referenced_workflows: z.array(Called).nullish() })),
});
const CheckRuns = z.object({
  check_runs: z.array(z.object({ status: z.string(), conclusion: z.string().nullish() })),
});
const User = z.object({ login: z.string() });

const PASSING: ReadonlySet<string> = new Set(["success", "neutral", "skipped"]);

/** What is read of GitHub, by its REST API. */
export function fleetReads(client: FleetClient): FleetReads {
  const { read } = client;
  return {
    ...repositoryReads(client),
    ...branchReads(client),
    blob: async (name, sha) => {
      const ask = { schema: Blob, doing: `read a file of ${name}` };
      const { content, size } = await read(`GET /repos/${name}/git/blobs/{sha}`, { sha }, ask);
      if (size > MAX_BLOB)
        throw new OutboundError(`could not ${ask.doing}: larger than ${MAX_BLOB} bytes`, false);
      return Buffer.from(content, "base64").toString("utf8");
    },
    runs: async (name) => {
      const ask = { schema: Runs, doing: `list the workflow runs of ${name}` };
      const { workflow_runs: runs } = await read(`GET /repos/${name}/actions/runs`, { per_page: 100 }, ask);
      return runs.map(({ path, referenced_workflows: called }) => ({ path, called: called ?? [] }));
    },
    checks: async (name, sha) => {
      const ask = { schema: CheckRuns, doing: `list the checks of ${name}` };
      const { check_runs: runs } = await read(
        `GET /repos/${name}/commits/{sha}/check-runs`,
        { sha, per_page: 100 },
        ask,
      );
      return checksOf(runs);
    },
    admins: async (name) => {
      const ask = { schema: z.array(User), doing: `list the administrators of ${name}` };
      const found = await read(
        `GET /repos/${name}/collaborators`,
        { permission: "admin", per_page: 10 },
        ask,
      );
      return found.map(({ login }) => login);
    },
  };
}

function repositoryReads({
  read,
  list,
}: FleetClient): Pick<FleetReads, "repositories" | "repository" | "tree"> {
  return {
    repositories: (owner) =>
      list(
        "GET /orgs/{owner}/repos",
        { owner, type: "all", sort: "full_name" },
        { schema: Repo, doing: `list the repositories of ${owner}` },
      ),
    repository: (name) => read(`GET /repos/${name}`, {}, { schema: Repo, doing: `read ${name}` }),
    tree: async (name, branch) => {
      const ask = { schema: Trees, doing: `list the files of ${name}` };
      try {
        const { tree, truncated } = await read(
          `GET /repos/${name}/git/trees/{branch}`,
          { branch, recursive: "1" },
          ask,
        );
        const files = tree.filter(({ type }) => type === "blob").map(({ path, sha }) => ({ path, sha }));
        return { files, isWhole: !truncated };
      } catch (error) {
        if (error instanceof OutboundError && error.status === 409) return "empty";
        throw error;
      }
    },
  };
}

function branchReads({ read }: FleetClient): Pick<FleetReads, "pulls" | "head" | "change"> {
  return {
    pulls: async (name, branch) => {
      const ask = { schema: z.array(Pull), doing: `list the pull requests of ${name}` };
      const head = `${name.split("/")[0]}:${branch}`;
      const query = { head, state: "all", sort: "created", direction: "desc", per_page: MAX_PULLS };
      return read(`GET /repos/${name}/pulls`, query, ask);
    },
    head: async (name, branch) => {
      const ask = { schema: Ref, doing: `read a branch of ${name}` };
      try {
        return (await read(`GET /repos/${name}/git/ref/{+ref}`, { ref: `heads/${branch}` }, ask)).object.sha;
      } catch (error) {
        if (error instanceof OutboundError && error.status === 404) return undefined;
        throw error;
      }
    },
    change: async (name, base, branch) => {
      const ask = { schema: Compared, doing: `compare a branch of ${name}` };
      const { commits, files } = await read(
        `GET /repos/${name}/compare/{range}`,
        { range: `${base}...${branch}` },
        ask,
      );
      return {
        head: commits.at(-1)?.sha ?? "",
        messages: commits.map(({ commit }) => commit.message),
        files: files.map(({ filename, sha }) => ({ path: filename, sha: sha ?? "" })),
      };
    },
  };
}

function checksOf(runs: z.output<typeof CheckRuns>["check_runs"]): Checks {
  const conclusions = runs.map(({ status, conclusion }) =>
    status === "completed" ? (conclusion ?? "") : "pending",
  );
  if (conclusions.some((each) => each !== "pending" && !PASSING.has(each))) return "red";
  return conclusions.length === 0 || conclusions.includes("pending") ? "pending" : "green";
}
