import type { NotLookedAt } from "./targets.ts";
import { say } from "./terminal.ts";

const MAX_LINES = 20;

/** Says on stderr what was not checked, one line for each reason; at most 20. */
export function sayNotLookedAt(all: readonly NotLookedAt[]): void {
  const alike = [...Map.groupBy(all, ({ why }) => why)];
  for (const [why, [first, ...others]] of alike.slice(0, MAX_LINES)) {
    const { file, line, object } = first!;
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    say(`Not checked: ${file}:${line}:${object === "" ? "" : ` ${object}:`} ${why}${more}.`);
  }
  const left = alike.length - MAX_LINES;
  if (left > 0) say(`And ${left} more reasons; -o json lists everything that was not checked.`);
}
