import { type Parsed, type Problem, RetryLater } from "../core/index.ts";
import {
  EMPTY_ENFORCEMENT,
  parseEnforcement,
  type Switch,
  switchesAt,
  type SwitchEntry,
  withConfirmation,
  withEnd,
  withSwitch,
} from "../enforcement/index.ts";
import { type SwitchCluster, WriteConflict } from "./ports.ts";

const MAX_ATTEMPTS = 5;
/** How long an ended switch stays in the document, ms. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** What was written, or would be. */
export interface SwitchEdit {
  readonly text: string;
  /** The switches that the edit is about. */
  readonly switches: readonly Switch[];
}

/** What an edit is made with. */
export interface EditOptions {
  readonly cluster: SwitchCluster;
  readonly now: Date;
  readonly isDryRun: boolean;
}

/** What is switched off. */
export type SwitchRequest = Pick<SwitchEntry, "namespace" | "rule" | "reason" | "ticket"> & {
  readonly until: Date;
};

/**
 * Switches enforcement off. The result has problems where the document has, before or after: a repetition that no second person
 * has confirmed is one. Rejects as the cluster does, and with RetryLater.
 */
export async function switchOff(request: SwitchRequest, options: EditOptions): Promise<Parsed<SwitchEdit>> {
  const { cluster, now } = options;
  const by = await cluster.user();
  const id = `off-${now.toISOString().replace(/[^0-9TZ]/g, "")}`;
  const { until, ...rest } = request;
  const entry = { id, ...rest, by, from: now.toISOString(), until: until.toISOString() };
  return edit(options, (text) => withSwitch(text, entry, new Date(now.getTime() - KEPT_MS)), [id]);
}

/** Ends switches now: one, or all that are in force. Undefined where none is; the problems of a document that cannot be read. */
export async function switchOn(
  id: string | undefined,
  options: EditOptions,
): Promise<Parsed<SwitchEdit> | undefined> {
  const { cluster, now } = options;
  const { text } = await cluster.document();
  const found = inForce(text, now);
  if (!found.ok) return found;
  const ids = found.value.map((each) => each.id);
  const ended = id === undefined ? ids : ids.filter((each) => each === id);
  if (ended.length === 0) return undefined;
  return edit(
    options,
    (before) =>
      ended.reduce<Parsed<string>>((read, each) => (read.ok ? withEnd(read.value, each, now) : read), {
        ok: true,
        value: before,
      }),
    ended,
  );
}

/** Confirms a switch as a second person: that id, or the newest one that is not confirmed. Undefined where there is none. */
export async function confirmSwitch(
  id: string | undefined,
  options: EditOptions,
): Promise<Parsed<SwitchEdit> | undefined> {
  const { cluster, now } = options;
  const { text } = await cluster.document();
  const read = parseEnforcement(text ?? EMPTY_ENFORCEMENT);
  if (!read.ok) return read;
  const open = read.value.switches.filter(({ confirmed }) => confirmed === undefined);
  const meant = id === undefined ? open.at(-1) : open.find((each) => each.id === id);
  if (meant === undefined) return undefined;
  const by = await cluster.user();
  return edit(options, (before) => withConfirmation(before, meant.id, { by, at: now }), [meant.id]);
}

/**
 * The switches of a document that are in force; none where there is no document. What one that cannot be read has switched off
 * is not known: replicas go by the last one that they could read.
 */
export function inForce(text: string | undefined, now: Date): Parsed<readonly Switch[]> {
  const read = parseEnforcement(text ?? EMPTY_ENFORCEMENT);
  return read.ok ? { ok: true, value: switchesAt(read.value, now) } : read;
}

/** Where another writes at the same time, the edit is made again of what is there then. */
async function edit(
  { cluster, isDryRun }: EditOptions,
  change: (text: string) => Parsed<string>,
  ids: readonly string[],
): Promise<Parsed<SwitchEdit>> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { text = EMPTY_ENFORCEMENT, version } = await cluster.document();
    const changed = change(text);
    if (!changed.ok) return changed;
    const read = parseEnforcement(changed.value);
    if (!read.ok) return read;
    try {
      await cluster.write(changed.value, version, { isDryRun });
      const switches = read.value.switches.filter((each) => ids.includes(each.id));
      return { ok: true, value: { text: changed.value, switches } };
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
    }
  }
  throw new RetryLater("the document is being written by others all the time; nothing was written");
}

/** One problem of a document, for people. */
export function problemText({ path, message, rule }: Problem): string {
  return `${path === "" ? "" : `${path}: `}${message} [${rule}]`;
}
