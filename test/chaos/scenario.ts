import { setTimeout as pause } from "node:timers/promises";

import { wrongOf } from "../support/outcome.ts";
import { startApiLoad, type Tally } from "./load.ts";
import { type ImageSource, NAMESPACE, type World } from "./world.ts";

/** Something that fails, and what undoes it. */
export interface Scenario {
  readonly name: string;
  /** What is done, in words, for the table. */
  readonly fault: string;
  /** Begins it; where it takes a while, resolves when it is over. */
  readonly inject: (world: World) => Promise<unknown>;
  /** How long it lasts after that, s. */
  readonly seconds: number;
  readonly heal: (world: World) => Promise<unknown>;
  /** Whether everything is as before; besides a new image that is admitted, and two replicas that are ready. */
  readonly isOver?: (world: World) => Promise<boolean>;
  /** What must hold while it lasts; a sentence for each thing that does not. */
  readonly whileBroken?: (world: World) => Promise<readonly string[]>;
  /** The images of its load, where not all of them serve. */
  readonly images?: (images: ImageSource) => ImageSource;
  /** How many reviews may fail without an answer of the gate, and why; 0 where absent. */
  readonly mayFail?: { readonly most: number; readonly because: string };
}

/** What one scenario came to. */
export interface Result {
  readonly scenario: Scenario;
  readonly tally: Tally;
  /** From the end of the fault until everything was as before, s. */
  readonly recoveredAfter: number;
  /** Nothing where it passed. */
  readonly problems: readonly string[];
}

const PER_SECOND = 10;
const QUIET_MS = 3000;
const LOOK_MS = 200;
const MAX_S = 180;

/** Runs a scenario under load, from a quiet moment before it to one after it. */
export async function runScenario(scenario: Scenario, world: World): Promise<Result> {
  const { inject, heal, seconds, whileBroken, images } = scenario;
  await world.replicas.settled();
  await world.warm();
  const load = startApiLoad({
    api: world.api,
    namespace: NAMESPACE,
    images: images?.(world.images) ?? world.images,
    perSecond: PER_SECOND,
  });
  await pause(QUIET_MS);
  const problems: string[] = [];
  let recoveredAfter = Number.NaN;
  try {
    await inject(world);
    const held = pause(seconds * 1000);
    problems.push(...((await whileBroken?.(world)) ?? []));
    await held;
    await heal(world);
    recoveredAfter = await recovered(scenario, world);
    await pause(QUIET_MS);
  } catch (error) {
    problems.push(String(error));
    await heal(world).catch(() => undefined);
  }
  const tally = await load.stop();
  return { scenario, tally, recoveredAfter, problems: [...problems, ...problemsOf(scenario, tally)] };
}

/** Seconds until a new image is admitted, both replicas are ready, and whatever else the scenario asks for holds. */
async function recovered({ isOver, images }: Scenario, world: World): Promise<number> {
  const since = performance.now();
  const passed = (): number => (performance.now() - since) / 1000;
  const { fresh } = images?.(world.images) ?? world.images;
  const isAdmitted = async (): Promise<boolean> => {
    const { answer } = await world.api.create(NAMESPACE, image);
    if (answer?.allowed !== true) image = fresh();
    return answer?.allowed === true;
  };
  const isAsBefore = async (): Promise<boolean> =>
    (await isAdmitted()) && (await world.replicas.areComplete()) && ((await isOver?.(world)) ?? true);
  let image = fresh();
  while (!(await isAsBefore())) {
    if (passed() > MAX_S) throw new Error(`not as before after ${MAX_S} s`);
    await pause(LOOK_MS);
  }
  return passed();
}

function problemsOf({ mayFail }: Scenario, { counts, complaints }: Tally): string[] {
  const wrong = wrongOf(counts, mayFail?.most ?? 0);
  const missing = (["admitted", "refused"] as const).filter((outcome) => counts[outcome] === 0);
  return [
    ...missing.map((outcome) => `nothing was ${outcome}: there was no load`),
    ...wrong.map((outcome) => `${counts[outcome]} times ${outcome}`),
    ...(wrong.length > 0 ? complaints : []),
  ];
}
