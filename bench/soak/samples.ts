import { readdirSync } from "node:fs";

import { metricOf, readMetrics } from "../metrics.ts";
import { cpuMs, memoryMib } from "../process-figures.ts";

const MIB = 2 ** 20;

/** How a gate is at one moment. */
export interface Sample {
  /** Since the first one, s. */
  readonly at: number;
  readonly residentMib: number;
  /** Of the main thread. */
  readonly heapMib: number;
  readonly externalMib: number;
  /** Open descriptors of the process. */
  readonly descriptors: number;
  /** Longest stops of the event loop since the sample before, ms: 99th percentile and the one longest. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** CPU time since the start of the process, ms. */
  readonly cpuMs: number;
}

/** Takes a sample of a gate's process. */
export async function takeSample(
  { pid, probeUrl }: { readonly pid: number; readonly probeUrl: string },
  since: number,
): Promise<Sample> {
  const metrics = await readMetrics(probeUrl);
  return {
    at: (performance.now() - since) / 1000,
    residentMib: memoryMib(pid).now,
    heapMib: metricOf(metrics, "nodejs_heap_size_used_bytes") / MIB,
    externalMib: metricOf(metrics, "nodejs_external_memory_bytes") / MIB,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    loopP99Ms: metricOf(metrics, "nodejs_eventloop_lag_p99_seconds") * 1000,
    loopMaxMs: metricOf(metrics, "nodejs_eventloop_lag_max_seconds") * 1000,
    cpuMs: cpuMs(pid),
  };
}
