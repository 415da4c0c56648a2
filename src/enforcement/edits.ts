import { isDeepStrictEqual } from "node:util";

import { printable, type Problem } from "../core/index.ts";
import { type PlainDocument, readPlain } from "../documents/index.ts";
import { MAX_SWITCH_MS, REPEAT_MS } from "./document.ts";
import {
  CLOCK_SKEW_MS,
  type Enforcement,
  NO_SWITCHES,
  parseEnforcement,
  type Switch,
} from "./enforcement.ts";

/** Who edits, and when by the gate's clock. */
export interface Editor {
  readonly user: string;
  readonly now: Date;
}

type Path = readonly (string | number)[];
type Report = (path: Path, rule: string, message: string) => Problem;

/**
 * Where `after` switches enforcement off, or answers for that: new entries and confirmations. Both need the right to. What is
 * wrong with an `after` that cannot be read.
 */
export function enforcementWeakenings(before: string | undefined, after: string): Problem[] {
  const [now, plain] = [parseEnforcement(after), readPlain(after)];
  if (!now.ok) return [...now.problems];
  if (!plain.ok) return [...plain.problems];
  const old = knownBefore(before);
  const report = reporter(plain.value);
  return now.value.switches.flatMap((entry, at) => {
    const was = old.switches.find(({ id }) => id === entry.id);
    if (was === undefined)
      return [report(["switches", at], "switched-off", `${entry.id} switches enforcement off.`)];
    if (entry.confirmed === undefined || was.confirmed !== undefined) return [];
    return [report(["switches", at, "confirmed"], "confirmed", `${entry.id} is confirmed.`)];
  });
}

/**
 * What no right permits: switch in another's name or confirm in another's, begin in the
 * past or the future, end in the past, change what happened, and forget it before a day is over. Of an entry that several of
 * the texts before it have, the first counts.
 */
export function forbiddenEdits(befores: readonly string[], after: string, editor: Editor): Problem[] {
  const [now, plain] = [parseEnforcement(after), readPlain(after)];
  if (!now.ok || !plain.ok) return []; // refused for being unreadable
  const known = new Map<string, Switch>();
  for (const entry of befores.flatMap((before) => knownBefore(before).switches))
    if (!known.has(entry.id)) known.set(entry.id, entry);
  const report = reporter(plain.value);
  const { switches } = now.value;
  const forgotten = [...known.values()].filter(
    ({ id, until }) =>
      editor.now.getTime() < until.getTime() + REPEAT_MS && !switches.some((each) => each.id === id),
  );
  return [
    ...forgotten.map(({ id }) =>
      report(
        ["switches"],
        "forgotten",
        `${id} is kept for a day after its end; set its until to end it now.`,
      ),
    ),
    ...switches.flatMap((entry, at) => {
      const was = known.get(entry.id);
      const found = was === undefined ? wrongNew(entry, editor) : wrongChange(was, entry, editor);
      return found.map(([field, rule, message]) => report(["switches", at, field], rule, message));
    }),
  ];
}

type Wrong = readonly [field: string, rule: string, message: string];

function wrongNew({ by, from, until, confirmed }: Switch, { user, now }: Editor): Wrong[] {
  const wrong: Wrong[] = [];
  if (by !== user) wrong.push(["by", "not-its-author", `It is you, ${user}, who switches enforcement off.`]);
  if (confirmed !== undefined)
    wrong.push(["confirmed", "own-confirmation", "A second person confirms it once it is there."]);
  if (Math.abs(from.getTime() - now.getTime()) > CLOCK_SKEW_MS)
    wrong.push(["from", "not-now", `It begins now, which is ${now.toISOString()} by the gate's clock.`]);
  if (until <= now)
    wrong.push(["until", "already-ended", `It has ended by the gate's clock, ${now.toISOString()}.`]);
  if (until.getTime() > now.getTime() + MAX_SWITCH_MS + CLOCK_SKEW_MS)
    wrong.push(["until", "too-long", "It ends more than 24 hours from now."]);
  return wrong;
}

/** An entry that is there may end earlier, and be confirmed once, and nothing else. */
function wrongChange(was: Switch, entry: Switch, { user, now }: Editor): Wrong[] {
  const wrong: Wrong[] = [];
  const same = { until: was.until, confirmed: was.confirmed };
  if (!isDeepStrictEqual({ ...was, ...same }, { ...entry, ...same }))
    wrong.push(["id", "rewritten", "What was switched off, by whom and why stays as it was written."]);
  if (entry.until > was.until)
    wrong.push(["until", "renewed", "Its end may only move earlier; a renewal is another entry."]);
  if (entry.until < was.until && entry.until.getTime() < now.getTime() - CLOCK_SKEW_MS)
    wrong.push(["until", "rewritten", "It was in force until now; its end cannot move into the past."]);
  if (isDeepStrictEqual(was.confirmed, entry.confirmed)) return wrong;
  if (was.confirmed !== undefined)
    wrong.push(["confirmed", "rewritten", "A confirmation stays as it was written."]);
  else if (entry.confirmed?.by !== user)
    wrong.push(["confirmed", "not-its-author", `It is you, ${user}, who confirms.`]);
  return wrong;
}

/** A text that cannot be read was never in force, and one that is not there switched nothing off. */
function knownBefore(before: string | undefined): Enforcement {
  const read = before === undefined ? undefined : parseEnforcement(before);
  return read?.ok ? read.value : NO_SWITCHES;
}

function reporter({ placeOf }: PlainDocument): Report {
  return (path, rule, message) => ({
    ...placeOf(path),
    path: pathText(path),
    rule,
    message: printable(message, 300),
  });
}

function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
