import { parentPort, workerData } from "node:worker_threads";

import { runTarget } from "./run-target.ts";
import type { Order } from "./supervise.ts";
import type { AnyTarget } from "./target.ts";

const counter = new Int32Array(workerData as SharedArrayBuffer);

function onRun(seed: number, at: number): void {
  [counter[1], counter[2]] = [seed, at];
  Atomics.add(counter, 0, 1);
}

async function follow({ module, seed, path, ms }: Order): Promise<void> {
  const started = Date.now();
  const { open } = (await import(module)) as { readonly open: () => Promise<AnyTarget> | AnyTarget };
  const opened = await open();
  const left = Math.max(ms / 2, started + ms - Date.now());
  parentPort!.postMessage(await runTarget(opened, { seed, path, ms: left, onRun }));
}

// What cannot be opened ends the thread with its error, which is the parent's to report.
parentPort!.on("message", (order: Order) => void follow(order));
