import { eachAtMost } from "../../core/index.ts";
import { OutboundError } from "../../outbound/index.ts";
import type { FleetReads } from "../ports.ts";
import { isToDo, type PlanItem } from "./plan.ts";
import { type Progress, WAVES } from "./waves.ts";

const AT_ONCE = 8;

/** How each repository of a plan is doing, by its id. */
export type ProgressById = ReadonlyMap<number, Progress>;

/** Asks for the checks of open pull requests. What cannot be read is pending: it never counts as green. */
export async function progressOf(items: readonly PlanItem[], github: FleetReads): Promise<ProgressById> {
  const progress = new Map<number, Progress>();
  await eachAtMost(AT_ONCE, items, async (item) => {
    progress.set(item.id, await progressOfOne(item, github));
  });
  return progress;
}

/** One list for each wave. */
export function byWave(items: readonly PlanItem[], progress: ProgressById): Progress[][] {
  return WAVES.map((_, wave) =>
    items.filter((item) => item.wave === wave).map(({ id }) => progress.get(id)!),
  );
}

async function progressOfOne(item: PlanItem, github: FleetReads): Promise<Progress> {
  if (isToDo(item)) return "waiting";
  if (item.action === "blocked") return "blocked";
  if (item.action === "left") return "declined";
  return item.pull?.state === "open" ? await checksOf(item.name, item.pull.head, github) : "green";
}

/** The checks of a commit as progress. */
export async function checksOf(name: string, head: string, github: FleetReads): Promise<Progress> {
  try {
    return await github.checks(name, head);
  } catch (error) {
    if (error instanceof OutboundError) return "pending";
    throw error;
  }
}
