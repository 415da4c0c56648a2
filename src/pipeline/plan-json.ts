import type { Notice } from "./pipeline.ts";
import { summaryOf } from "./plan-words.ts";
import type { Plan } from "./plan.ts";

/** Version of the JSON answer; a change that readers must know of raises it. */
const JSON_VERSION = 1;

/** Plans as stable JSON. */
export function planJson(plans: readonly Plan[], unread: readonly Notice[] = []): string {
  const summary = summaryOf(plans, unread);
  return JSON.stringify({ version: JSON_VERSION, summary, pipelines: plans, unread }, undefined, 2);
}
