import { type Logger, pino } from "pino";

import type { Settings } from "../settings/settings.ts";

/** The server's logs, which write to one place. */
export interface Logs {
  readonly log: Logger;
  /** For what was decided: no level silences it. */
  readonly decisions: Logger;
}

/** Levels are words, as Loki, Datadog and Google's logging read them. */
export function createLogs(
  { level }: Settings["log"],
  sink: { readonly write: (line: string) => void },
): Logs {
  const log = pino({ level, formatters: { level: (label) => ({ level: label }) } }, sink);
  return { log, decisions: log.child({}, { level: "info" }) };
}
