import { z } from "zod";

import { parseJson, UsageError } from "../../core/index.ts";
import type { Uses } from "../../waivers/index.ts";
import { readText } from "../terminal.ts";

const METRICS = { mc_gate_waiver_uses_total: "used", mc_gate_waiver_expired_hits_total: "hits" } as const;
/** What the metric calls every id past its bound. */
const OTHER = "other";
const SAMPLE = /^(mc_gate_waiver_(?:uses|expired_hits)_total)\{waiver="([^"\\]*)"\} ([\d.e+]+)/;

/** A decision that used more waivers than its line names. */
const Omitted = z.object({ omitted: z.object({ waivers: z.number() }) });

interface Counts {
  readonly used: Map<string, number>;
  readonly hits: Map<string, number>;
  lines: number;
  /** Whether a line leaves out waivers, or is cut off. */
  isPartial: boolean;
}

/**
 * Uses of waivers in what replicas' /metrics say, or in the gate's log lines; over several files they add up, one for each
 * replica. Throws UsageError where a file is neither: no uses and no answer are not the same.
 */
export function usesIn(files: readonly string[]): Uses {
  const counts: Counts = { used: new Map(), hits: new Map(), lines: 0, isPartial: false };
  for (const file of files) {
    const before = counts.lines;
    for (const line of readText(file).split("\n")) take(line, counts);
    if (counts.lines === before)
      throw new UsageError(`${file} holds neither the gate's metrics nor its decision log`);
  }
  const { used, hits, isPartial } = counts;
  return { used, hits, isPartial: isPartial || used.has(OTHER) };
}

function take(line: string, counts: Counts): void {
  if (line.startsWith("{")) takeLogLine(line, counts);
  if (line.startsWith("# TYPE mc_gate_waiver_uses_total")) counts.lines += 1;
  const [, metric, id, value] = SAMPLE.exec(line) ?? [];
  if (metric !== undefined) add(counts[METRICS[metric as keyof typeof METRICS]], id!, Number(value));
}

function takeLogLine(line: string, counts: Counts): void {
  const record = lineIn(line);
  if (record === undefined) counts.isPartial = true;
  if (record?.["msg"] !== "decision") return;
  counts.lines += 1;
  if (Omitted.safeParse(record).success) counts.isPartial = true;
  for (const each of textsIn(record["waivers"])) add(counts.used, each, 1);
  for (const each of textsIn(record["expiredWaivers"])) add(counts.hits, each, 1);
}

function add(map: Map<string, number>, id: string, count: number): void {
  if (Number.isFinite(count)) map.set(id, (map.get(id) ?? 0) + count);
}

/** A line of the log; undefined where it is cut off. */
function lineIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseJson(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
