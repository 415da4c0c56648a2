import { bodiesOf, type Case } from "./cases.ts";
import type { DocumentSizes } from "./documents.ts";
import type { Load, LoadResult } from "./load.ts";
import { metricOf, readMetrics } from "./metrics.ts";
import { cpuMs, forgetPeak, memoryMib } from "./process-figures.ts";
import type { BenchRegistry } from "./registry.ts";

/** A webhook that is measured. */
export interface System {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Where its metrics are, where it is a gate of ours. */
  readonly probeUrl?: string;
  /** Puts documents in force and forgets evidence; absent where it takes no orders. */
  readonly use?: (sizes: DocumentSizes) => Promise<void>;
}

/** What one measurement came to. */
export interface Figures extends LoadResult {
  readonly suite: string;
  readonly case: string;
  readonly system: string;
  readonly concurrency: number;
  /** Reviews a second. */
  readonly rate: number;
  readonly cpuMsPerReview: number;
  readonly peakMib: number;
  readonly registryPerReview: number;
  /** Requests by class, each a review. */
  readonly registryCalls: Readonly<Record<string, number>>;
  /** Longest stops of the event loop, ms: the 99th percentile of samples every 10 ms. */
  readonly loopP99Ms?: number;
}

/** What measurements share. */
export interface Bench {
  readonly registry: BenchRegistry;
  readonly load: Load;
  /** How long a warm case runs, s. */
  readonly seconds: number;
  /** Of the pods. */
  readonly serviceAccount: string;
}

const SAMPLE_MS = 10;

/** Measures one case on one system. What was cold before is run once beforehand, so that only evidence is cold, not code. */
export async function measure(each: Case, system: System, bench: Bench): Promise<Omit<Figures, "suite">> {
  const { registry, load, seconds } = bench;
  const { concurrency, cold, delayMs } = each;
  const bodies = bodiesOf(each, registry, bench.serviceAccount);
  const order = { url: system.url, bodies, concurrency };
  await registry.set({ delayMs: 0, fault: "none" });
  await system.use?.(each.sizes);
  await load.run({ ...order, concurrency: Math.min(concurrency, 16) });
  if (cold) await system.use?.(each.sizes);
  else await load.run({ ...order, seconds: Math.min(1, seconds) });
  await registry.set({ delayMs });
  const before = await stateOf(system, registry);
  forgetPeak(system.pid);
  const result = await load.run(cold ? order : { ...order, seconds });
  const after = await stateOf(system, registry);
  const calls = difference(after.requests, before.requests, result.reviews);
  return {
    ...result,
    case: each.name,
    system: system.name,
    concurrency,
    rate: result.reviews / result.seconds,
    cpuMsPerReview: (after.cpu - before.cpu) / result.reviews,
    peakMib: memoryMib(system.pid).peak,
    registryPerReview: Object.values(calls).reduce((sum, one) => sum + one, 0),
    registryCalls: calls,
    ...(after.loopP99Ms !== undefined && { loopP99Ms: after.loopP99Ms }),
  };
}

async function stateOf({ pid, probeUrl }: System, registry: BenchRegistry) {
  const requests = await registry.counts();
  const cpu = cpuMs(pid);
  if (probeUrl === undefined) return { requests, cpu, loopP99Ms: undefined };
  const lag = metricOf(await readMetrics(probeUrl), "nodejs_eventloop_lag_p99_seconds") * 1000;
  return { requests, cpu, loopP99Ms: Math.max(0, lag - SAMPLE_MS) };
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
  reviews: number,
): Record<string, number> {
  const changed = Object.entries(after).map(
    ([name, count]) => [name, (count - (before[name] ?? 0)) / reviews] as const,
  );
  return Object.fromEntries(changed.filter(([, count]) => count > 0));
}
