import { discover, type DiscoverOptions } from "../discovery/discover.ts";
import type { Ticked } from "./dashboard.ts";
import type { FleetJournal } from "./journal.ts";
import { openItems, type OpenOptions, type Outcome } from "./open.ts";
import { type FleetPlan, isToDo, movedSince, type PlanItem, planFleet } from "./plan.ts";
import { byWave, type ProgressById, progressOf } from "./progress.ts";
import { nextWave, type NextWave } from "./waves.ts";

/** What `openWave` takes. */
export interface WaveOptions extends Omit<OpenOptions, "retry" | "begun"> {
  /** A saved plan, which is carried out as it is or not at all. */
  readonly saved?: FleetPlan | undefined;
  readonly journal: FleetJournal;
  readonly ticked: Ticked;
  readonly onRepository?: DiscoverOptions["onRepository"];
}

/** The next wave of a campaign, and what is due. */
export interface Wave {
  readonly plan: FleetPlan;
  readonly progress: ProgressById;
  readonly next: NextWave;
  readonly due: readonly PlanItem[];
  /** Where the world is no longer as the saved plan says; nothing is due then. */
  readonly moved: readonly string[];
}

/** Finds out what is due: the items of the next wave, those that people ticked, and those that were begun. */
export async function findWave(options: WaveOptions): Promise<Wave> {
  const { campaign, defaultOwner, ticked, journal, saved, github } = options;
  const surveys = await discover(options);
  const retry = new Set([...ticked.retry, ...ticked.now]);
  const fresh = planFleet({ campaign, surveys, defaultOwner, retry });
  const moved = saved === undefined ? [] : movedSince(saved, fresh, journal.begun);
  const plan = saved === undefined ? fresh : { ...fresh, items: inWavesOf(saved, fresh) };
  const progress = await progressOf(plan.items, github);
  const next = nextWave(byWave(plan.items, progress));
  const isDue = (item: PlanItem): boolean => {
    if (journal.begun.has(item.id) && item.action === "none") return true;
    if (!isToDo(item)) return false;
    return (
      retry.has(item.name) || journal.begun.has(item.id) || (next.kind === "open" && item.wave === next.wave)
    );
  };
  return { plan, progress, next, moved, due: moved.length > 0 ? [] : plan.items.filter(isDue) };
}

/** Opens what is due. */
export async function openWave({ due }: Wave, options: WaveOptions): Promise<readonly Outcome[]> {
  const { ticked, journal } = options;
  return openItems(due, {
    ...options,
    retry: new Set([...ticked.retry, ...ticked.now]),
    begun: journal.begun,
  });
}

/** Items of a saved plan as they are by now, in the waves that were planned. What is new since is not in them. */
function inWavesOf(saved: FleetPlan, fresh: FleetPlan): PlanItem[] {
  const waves = new Map(saved.items.map(({ id, wave }) => [id, wave]));
  return fresh.items.flatMap((item) => {
    const wave = waves.get(item.id);
    return wave === undefined ? [] : [{ ...item, wave }];
  });
}
