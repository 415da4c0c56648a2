import { z } from "zod";

import { OutboundError } from "../../outbound/index.ts";
import type { FleetWrites, NewCommit } from "../ports.ts";
import type { FleetClient } from "./client.ts";

const Anything = z.unknown();
const Sha = z.object({ sha: z.string() });
const CommitOf = z.object({ tree: z.object({ sha: z.string() }) });
const Committed = z.object({ createCommitOnBranch: z.object({ commit: z.object({ oid: z.string() }) }) });
const Opened = z.object({ number: z.int(), html_url: z.string() });
const RevertedPull = z.object({
  revertPullRequest: z.object({
    revertPullRequest: z.object({ number: z.int(), id: z.string(), url: z.string() }),
  }),
});
const Queue = z.object({ repository: z.object({ mergeQueue: z.object({ id: z.string() }).nullable() }) });

const COMMIT = `mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }`;
const REVERT = `mutation ($input: RevertPullRequestInput!) { revertPullRequest(input: $input) { revertPullRequest { number id url } } }`;
const QUEUE = `query ($owner: String!, $name: String!, $branch: String!) { repository(owner: $owner, name: $name) { mergeQueue(branch: $branch) { id } } }`;
const ENQUEUE = `mutation ($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { clientMutationId } }`;

/** What is changed on GitHub. A change that was made already, as by a request whose answer was lost, is not a failure. */
export function fleetWrites(client: FleetClient): FleetWrites {
  const { write } = client;
  return {
    ...branchWrites(client),
    ...reverts(client),
    commit: (commit) => commitWith(client, commit),
    openPull: async ({ name, branch, base, title, body }) => {
      const ask = { schema: Opened, doing: `open a pull request in ${name}` };
      const { number, html_url: url } = await write(
        `POST /repos/${name}/pulls`,
        { head: branch, base, title, body },
        ask,
      );
      return { number, url };
    },
    updatePull: async (name, number, change) => {
      const ask = { schema: Anything, doing: `update pull request ${number} of ${name}` };
      await write(`PATCH /repos/${name}/pulls/${number}`, { ...change }, ask);
    },
    requestReviews: async (name, number, { users, teams }) => {
      const ask = { schema: Anything, doing: `request reviews in ${name}` };
      const body = { reviewers: users, team_reviewers: teams };
      await write(`POST /repos/${name}/pulls/${number}/requested_reviewers`, body, ask);
    },
  };
}

function branchWrites({ write }: FleetClient): Pick<FleetWrites, "createBranch" | "deleteBranch"> {
  return {
    createBranch: async (name, branch, sha) => {
      const ask = { schema: Anything, doing: `create a branch in ${name}` };
      await write(`POST /repos/${name}/git/refs`, { ref: `refs/heads/${branch}`, sha }, ask);
    },
    deleteBranch: async (name, branch) => {
      const ask = { schema: Anything, doing: `delete a branch of ${name}` };
      try {
        await write(`DELETE /repos/${name}/git/refs/{+ref}`, { ref: `heads/${branch}` }, ask);
      } catch (error) {
        if (!(error instanceof OutboundError) || (error.status !== 404 && error.status !== 422)) throw error;
      }
    },
  };
}

function reverts({ graphql }: FleetClient): Pick<FleetWrites, "revert" | "enqueue"> {
  return {
    revert: async ({ nodeId: pullRequestId }, body) => {
      const ask = { schema: RevertedPull, doing: "revert a pull request" };
      const answer = await graphql(REVERT, { input: { pullRequestId, body } }, ask);
      const { id: nodeId, ...rest } = answer.revertPullRequest.revertPullRequest;
      return { nodeId, ...rest };
    },
    enqueue: async (fullName, branch, nodeId) => {
      const [owner, name] = fullName.split("/");
      const ask = { schema: Queue, doing: `look for a merge queue of ${fullName}` };
      const { repository } = await graphql(QUEUE, { owner, name, branch }, ask);
      if (repository.mergeQueue === null) return false;
      const enqueue = { schema: Anything, doing: `enqueue a pull request of ${fullName}` };
      await graphql(ENQUEUE, { input: { pullRequestId: nodeId } }, enqueue);
      return true;
    },
  };
}

/** GitHub signs a commit of GraphQL's. Where it refuses workflow files there, the git data API makes the same commit, unsigned. */
async function commitWith(client: FleetClient, commit: NewCommit): Promise<string> {
  const { name, branch, head, message, files } = commit;
  const [headline, ...rest] = message.split("\n");
  const input = {
    branch: { repositoryNameWithOwner: name, branchName: branch },
    expectedHeadOid: head,
    message: { headline, body: rest.join("\n").trim() },
    fileChanges: {
      additions: files.map(({ path, text }) => ({ path, contents: Buffer.from(text).toString("base64") })),
    },
  };
  try {
    const answer = await client.graphql(COMMIT, { input }, { schema: Committed, doing: `commit to ${name}` });
    return answer.createCommitOnBranch.commit.oid;
  } catch (error) {
    if (!(error instanceof OutboundError) || !/workflow/i.test(error.message)) throw error;
    return commitByGitData(client, commit);
  }
}

async function commitByGitData({ read, write }: FleetClient, commit: NewCommit): Promise<string> {
  const { name, branch, head, message, files } = commit;
  const doing = `commit to ${name}`;
  const repo = `/repos/${name}/git`;
  const { tree } = await read(`GET ${repo}/commits/${head}`, {}, { schema: CommitOf, doing });
  const entries = files.map(({ path, text }) => ({ path, mode: "100644", type: "blob", content: text }));
  const made = await write(
    `POST ${repo}/trees`,
    { base_tree: tree.sha, tree: entries },
    { schema: Sha, doing },
  );
  const body = { message, tree: made.sha, parents: [head] };
  const { sha } = await write(`POST ${repo}/commits`, body, { schema: Sha, doing });
  const change = { ref: `heads/${branch}`, sha, force: false };
  await write(`PATCH ${repo}/refs/{+ref}`, change, { schema: Anything, doing });
  return sha;
}
