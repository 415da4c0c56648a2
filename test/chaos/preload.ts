import { existsSync, readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * Runs in the gate's process before the gate, by NODE_OPTIONS: no wall clock can be moved for one process of a machine, and no
 * signal reaches one thread. Two files in the pod's scratch folder steer it: how far the clock is off, in ms, and whether
 * threads that verify are to end.
 */

const CLOCK = "/tmp/chaos-clock";
const WORKER_ENDS = "/tmp/chaos-worker-ends";
const LOOK_MS = 20;
/** A thread ends in the middle of its work, not before it has loaded its code: CPU time, µs. */
const LIFE_MICROSECONDS = 600_000;

const RealDate = Date;
let offMs = 0;

/** The time of this process, as it believes. */
class MovedDate extends RealDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(RealDate.now() + offMs);
    else super(...(parts as [number]));
  }

  static override now(): number {
    return RealDate.now() + offMs;
  }
}
globalThis.Date = MovedDate as DateConstructor;

function look(): void {
  offMs = existsSync(CLOCK) ? Number(readFileSync(CLOCK, "utf8")) : 0;
  if (isMainThread || !existsSync(WORKER_ENDS)) return;
  const { user, system } = process.threadCpuUsage();
  if (user + system > LIFE_MICROSECONDS) process.exit(1); // ends the thread, not the process
}

setInterval(look, LOOK_MS).unref();
