import { formatDuration } from "../../core/index.ts";
import type { Progress } from "../../promotion/index.ts";
import { say } from "../terminal.ts";

const ON_TERMINAL_MS = 500;
const IN_LOG_MS = 30_000;

/** Says on stderr how far a run has come: on a terminal in one line, elsewhere as a line every half minute. */
export function createProgress(total: number | undefined): {
  readonly on: (progress: Progress) => void;
  readonly done: () => void;
} {
  const isTerminal = process.stderr.isTTY;
  const began = performance.now();
  let last = began;
  let isOpen = false;
  return {
    on(progress) {
      const now = performance.now();
      if (now - last < (isTerminal ? ON_TERMINAL_MS : IN_LOG_MS)) return;
      last = now;
      const text = progressText(progress, { total, ms: now - began });
      if (isTerminal) process.stderr.write(`\r\u001b[K${text}`);
      else say(text);
      isOpen = isTerminal;
    },
    done() {
      if (isOpen) process.stderr.write("\n");
    },
  };
}

/** `120/1000 judged, 8.1 a second, 1m 48s left, 3 unknown`. */
function progressText(
  { judged, resumed, unknown }: Progress,
  { total, ms }: { readonly total: number | undefined; readonly ms: number },
): string {
  const rate = ms <= 0 ? 0 : ((judged - resumed) * 1000) / ms;
  const left =
    total === undefined || rate === 0 ? "" : `, ${formatDuration(((total - judged) / rate) * 1000)} left`;
  const of = total === undefined ? "" : `/${total}`;
  const known = resumed === 0 ? "" : ` (${resumed} from the journal)`;
  return `${judged}${of} judged${known}, ${rate.toFixed(1)} a second${left}, ${unknown} unknown`;
}
