import { type Logger, pino } from "pino";

import type { Settings } from "../settings/settings.ts";

/** Levels are words, as Loki, Datadog and Google's logging read them. */
export function createLog(
  { level }: Settings["log"],
  sink: { readonly write: (line: string) => void },
): Logger {
  return pino({ level, formatters: { level: (label) => ({ level: label }) } }, sink);
}
