import { z } from "zod";

import { OutboundError } from "../../outbound/index.ts";
import type { TrackedIssue, TrackerPort } from "../tickets/ports.ts";
import type { FleetClient } from "./client.ts";

const Anything = z.unknown();
const Named = z.object({ name: z.string() });
const Milestone = z.object({ number: z.int(), title: z.string() });
const Numbered = z.object({ number: z.int() });
const Issue = z.object({
  number: z.int(),
  title: z.string(),
  body: z.string().nullish(),
  labels: z.array(z.union([z.string(), Named])),
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  milestone: Milestone.nullish(),
  pull_request: Anything.optional(),
});

const LABEL_COLOUR = "ededed";

/** The issues of one repository, `owner/name`. */
export function githubTracker({ read, list, write }: FleetClient, name: string): TrackerPort {
  const repo = `/repos/${name}`;
  const all = { state: "all" };
  return {
    issues: async () => {
      const found: TrackedIssue[] = [];
      for await (const issue of list(`GET ${repo}/issues`, all, {
        schema: Issue,
        doing: `list the issues of ${name}`,
      }))
        if (issue.pull_request === undefined) found.push(trackedIssue(issue));
      return found;
    },
    labels: async () => {
      const labels = list(`GET ${repo}/labels`, {}, { schema: Named, doing: `list the labels of ${name}` });
      return (await gathered(labels)).map((label) => label.name);
    },
    milestones: async () => {
      const ask = { schema: Milestone, doing: `list the milestones of ${name}` };
      const found = await gathered(list(`GET ${repo}/milestones`, all, ask));
      return new Map(found.map(({ title, number }) => [title, number]));
    },
    mayBeAssigned: async (login) => {
      const ask = { schema: Anything, doing: `look up ${login}` };
      try {
        await read(`GET ${repo}/assignees/{login}`, { login }, ask);
        return true;
      } catch (error) {
        if (error instanceof OutboundError && error.status === 404) return false;
        throw error;
      }
    },
    ...trackerWrites(write, name),
  };
}

function trackerWrites(
  write: FleetClient["write"],
  name: string,
): Pick<TrackerPort, "createLabel" | "createMilestone" | "createIssue" | "updateIssue"> {
  const repo = `/repos/${name}`;
  return {
    createLabel: async (label) => {
      const ask = { schema: Anything, doing: `create a label in ${name}` };
      await write(`POST ${repo}/labels`, { name: label, color: LABEL_COLOUR }, ask);
    },
    createMilestone: async (title) => {
      const ask = { schema: Numbered, doing: `create a milestone in ${name}` };
      return (await write(`POST ${repo}/milestones`, { title }, ask)).number;
    },
    createIssue: async (fields) => {
      const ask = { schema: Numbered, doing: `create an issue in ${name}` };
      return (await write(`POST ${repo}/issues`, { ...fields }, ask)).number;
    },
    updateIssue: async (number, fields) => {
      const ask = { schema: Anything, doing: `update issue ${number} of ${name}` };
      await write(`PATCH ${repo}/issues/${number}`, { ...fields }, ask);
    },
  };
}

function trackedIssue(issue: z.output<typeof Issue>): TrackedIssue {
  const { number, title, body, labels, assignees, milestone } = issue;
  return {
    number,
    title,
    body: body ?? "",
    labels: labels.map((label) => (typeof label === "string" ? label : label.name)),
    assignees: (assignees ?? []).map(({ login }) => login),
    ...(milestone && { milestone: milestone.number }),
  };
}

async function gathered<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}
