import { z } from "zod";

import type { Parsed } from "../../core/index.ts";
import { readDocument } from "../../documents/index.ts";

const MAX_TICKETS = 1000;
/** Of an issue's title, as GitHub limits it. */
const MAX_TITLE = 256;

const Line = z.string().min(1).max(200);
const Words = z.union([Line.transform((word) => [word]), z.array(Line).max(50)]);
const Text = z.string().max(60_000);

/** A ticket as it is written. What is not named here is not carried, and that is said. */
const Ticket = z.looseObject({
  id: z.string().regex(/^[\w.-]{1,64}$/),
  title: z.string().min(1).max(MAX_TITLE),
  body: Text.optional(),
  description: Text.optional(),
  acceptance: z.union([Text.transform((text) => [text]), z.array(Text).max(50)]).optional(),
  assignee: Words.optional(),
  assignees: Words.optional(),
  labels: Words.default([]),
  points: z.number().min(0).max(1000).optional(),
  milestone: Line.optional(),
});
const File = z.looseObject({
  sprint: z.union([Line, z.looseObject({ id: Line.optional(), name: Line.optional() })]).optional(),
  milestone: Line.optional(),
  labels: Words.default([]),
  tickets: z.array(Ticket).min(1).max(MAX_TICKETS).optional(),
  issues: z.array(Ticket).min(1).max(MAX_TICKETS).optional(),
});

const CARRIED = new Set([...Object.keys(Ticket.shape), ...Object.keys(File.shape)]);

/** An issue as it should be. */
export interface Ticket {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  /** As written; whom GitHub knows them as is another matter. */
  readonly assignees: readonly string[];
  readonly labels: readonly string[];
  readonly milestone?: string;
}

/** A file of tickets, and the keys that no issue has a place for. */
export interface Tickets {
  readonly tickets: readonly Ticket[];
  readonly notCarried: readonly string[];
}

/** Reads a file of tickets. Rules: those of documents, `no-tickets` and `duplicate-id`. */
export function readTickets(text: string): Parsed<Tickets> {
  const read = readDocument(text, File);
  if (!read.ok) return read;
  const file = read.value;
  const found = file.tickets ?? file.issues;
  if (found === undefined) return wrong("no-tickets", "There is no list of tickets.");
  const twice = found.find(({ id }, at) => found.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) return wrong("duplicate-id", `The ticket ${twice.id} occurs twice.`);
  const sprint = typeof file.sprint === "object" ? (file.sprint.name ?? file.sprint.id) : file.sprint;
  const milestone = file.milestone ?? sprint;
  const keys = [...Object.keys(file), ...found.flatMap((ticket) => Object.keys(ticket))];
  return {
    ok: true,
    value: {
      tickets: found.map((ticket) => ticketOf(ticket, file.labels, milestone)),
      notCarried: [...new Set(keys)].filter((key) => !CARRIED.has(key)).toSorted(),
    },
  };
}

function ticketOf(
  ticket: z.output<typeof Ticket>,
  common: readonly string[],
  sprint: string | undefined,
): Ticket {
  const { id, title, points } = ticket;
  const labels = [...common, ...ticket.labels, ...(points === undefined ? [] : [`points: ${points}`])];
  const milestone = ticket.milestone ?? sprint;
  return {
    id,
    title,
    body: bodyOf(ticket),
    assignees: [...(ticket.assignee ?? []), ...(ticket.assignees ?? [])],
    labels: [...new Set(labels)],
    ...(milestone !== undefined && { milestone }),
  };
}

function bodyOf({ body, description, acceptance = [] }: z.output<typeof Ticket>): string {
  const criteria =
    acceptance.length === 0 ? [] : ["**Acceptance**", ...acceptance.map((each) => `- ${each.trim()}`)];
  return [body ?? description ?? "", criteria.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n")
    .trim();
}

function wrong<T>(rule: string, message: string): Parsed<T> {
  return { ok: false, problems: [{ line: 1, column: 1, path: "", rule, message }] };
}
