import { join } from "node:path";

import { type GateOptions, startGate } from "./gate-process.ts";
import { memoryMib } from "./process-figures.ts";

const TIMES = 5;
const SETTLE_MS = 2000;

/** Time to ready of each start, and the memory of a gate that has nothing to do. */
export interface StartFigures {
  readonly readyMs: readonly number[];
  readonly idleMib: number;
}

/** Starts the gate some times. */
export async function measureStart(options: GateOptions): Promise<StartFigures> {
  const readyMs: number[] = [];
  let idleMib = 0;
  for (let time = 0; time < TIMES; time += 1) {
    const gate = await startGate({ ...options, folder: join(options.folder, "start") });
    readyMs.push(gate.readyMs);
    if (time === 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (time === 0) idleMib = memoryMib(gate.pid).now;
    await gate.stop();
  }
  return { readyMs, idleMib };
}
