import type { IssueFields, TrackedIssue, TrackerPort } from "./ports.ts";
import type { Ticket } from "./read-tickets.ts";

/** What an import would do, or did. */
export interface ImportReport {
  readonly labels: readonly string[];
  readonly milestones: readonly string[];
  readonly tickets: readonly {
    readonly id: string;
    readonly action: "create" | "update" | "none";
    readonly number?: number;
  }[];
  /** Assignees who are not in the map, or whom GitHub does not know in this repository. */
  readonly unassigned: readonly string[];
}

/** Tickets, and who is who. */
export interface ImportInput {
  readonly tickets: readonly Ticket[];
  /** Logins by names. */
  readonly people: ReadonlyMap<string, string>;
  /** Otherwise nothing is written. */
  readonly write: boolean;
}

/** Creates issues, or updates those that an earlier import created. What people added (labels, assignees, text below) stays. */
export async function importTickets(
  tracker: TrackerPort,
  { tickets, people, write }: ImportInput,
): Promise<ImportReport> {
  const logins = await knownLogins(tracker, tickets, people);
  const [issues, existing, milestones] = [
    await tracker.issues(),
    await tracker.labels(),
    new Map(await tracker.milestones()),
  ];
  const known = new Set(existing.map((label) => label.toLowerCase()));
  const labels = [...new Set(tickets.flatMap((ticket) => ticket.labels))].filter(
    (label) => !known.has(label.toLowerCase()),
  );
  const titles = [...new Set(tickets.flatMap(({ milestone }) => milestone ?? []))].filter(
    (title) => !milestones.has(title),
  );
  if (write) {
    for (const label of labels) await tracker.createLabel(label);
    for (const title of titles) milestones.set(title, await tracker.createMilestone(title));
  }
  const done: ImportReport["tickets"][number][] = [];
  for (const ticket of tickets) {
    const old = issues.find(({ body }) => body.includes(markerOf(ticket.id)));
    const fields = fieldsOf(ticket, { old, logins, milestones });
    const action = old === undefined ? "create" : isSame(old, fields) ? "none" : "update";
    const number = write ? await carryOut(tracker, fields, old, action) : old?.number;
    done.push({ id: ticket.id, action, ...(number !== undefined && { number }) });
  }
  const names = new Set(tickets.flatMap(({ assignees }) => assignees));
  return {
    labels,
    milestones: titles,
    tickets: done,
    unassigned: [...names].filter((name) => !logins.has(name)),
  };
}

async function carryOut(
  tracker: TrackerPort,
  fields: IssueFields,
  old: TrackedIssue | undefined,
  action: "create" | "update" | "none",
): Promise<number> {
  if (old === undefined) return tracker.createIssue(fields);
  if (action === "update") await tracker.updateIssue(old.number, fields);
  return old.number;
}

async function knownLogins(
  tracker: TrackerPort,
  tickets: readonly Ticket[],
  people: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (const name of new Set(tickets.flatMap(({ assignees }) => assignees))) {
    const login = people.get(name) ?? name;
    if (/^[\w-]{1,39}$/.test(login) && (await tracker.mayBeAssigned(login))) known.set(name, login);
  }
  return known;
}

/** Hidden in the issue's text: an issue is found again whatever its title becomes. */
function markerOf(id: string): string {
  return `<!-- mc-ticket:${id} -->`;
}

interface Around {
  readonly old: TrackedIssue | undefined;
  readonly logins: ReadonlyMap<string, string>;
  readonly milestones: ReadonlyMap<string, number>;
}

function fieldsOf(
  { id, title, body, labels, assignees, milestone }: Ticket,
  { old, logins, milestones }: Around,
): IssueFields {
  const added = old === undefined ? "" : old.body.slice(old.body.indexOf(markerOf(id)) + markerOf(id).length);
  const number = milestone === undefined ? old?.milestone : milestones.get(milestone);
  return {
    title,
    body: `${body}${body === "" ? "" : "\n\n"}${markerOf(id)}${added}`,
    labels: union(old?.labels, labels),
    assignees: union(
      old?.assignees,
      assignees.flatMap((name) => logins.get(name) ?? []),
    ),
    ...(number !== undefined && { milestone: number }),
  };
}

/** GitHub folds the case of labels and logins. */
function union(there: readonly string[] = [], wanted: readonly string[]): string[] {
  const known = new Set(there.map((each) => each.toLowerCase()));
  return [...there, ...wanted.filter((each) => !known.has(each.toLowerCase()))];
}

function isSame(old: TrackedIssue, { title, body, labels, assignees, milestone }: IssueFields): boolean {
  return (
    old.title === title &&
    old.body === body &&
    old.labels.length === labels.length &&
    old.assignees.length === assignees.length &&
    old.milestone === milestone
  );
}
