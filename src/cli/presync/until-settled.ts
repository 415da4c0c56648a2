import { setTimeout as sleep } from "node:timers/promises";

import { HOOK_EXIT, type Report } from "../../argocd/index.ts";

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 8000;

/** How long to continue, and who hears of another attempt. */
export interface UntilSettledOptions {
  readonly timeoutMs: number;
  readonly onRetry: (report: Report) => void;
  /** For tests: what is waited between two attempts. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Asks until there is an answer other than "cannot tell", with growing pauses; gives the last answer when the time is up. A
 * verdict is never asked for twice.
 */
export async function untilSettled(
  ask: (signal: AbortSignal) => Promise<Report>,
  { timeoutMs, onRetry, pause = paused }: UntilSettledOptions,
): Promise<Report> {
  const signal = AbortSignal.timeout(timeoutMs);
  let wait = FIRST_PAUSE_MS;
  let before: Report | undefined;
  for (;;) {
    const report = await ask(signal);
    if (report.exitCode !== HOOK_EXIT.unknown) return report;
    // A question that was broken off says less than the answer before it.
    if (signal.aborted) return before ?? report;
    before = report;
    onRetry(report);
    await pause(wait, signal);
    if (signal.aborted) return report;
    wait = Math.min(wait * 2, MAX_PAUSE_MS);
  }
}

async function paused(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined); // the time is up
}
