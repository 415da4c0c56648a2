import { parseJson } from "../../core/index.ts";
import type { Uses } from "../../waivers/index.ts";
import { UsageError } from "../exit-codes.ts";
import { readText } from "../terminal.ts";

const METRICS = { mc_gate_waiver_uses_total: "used", mc_gate_waiver_expired_hits_total: "hits" } as const;
/** What the metric calls every id past its bound. */
const OTHER = "other";
const SAMPLE = /^(mc_gate_waiver_(?:uses|expired_hits)_total)\{waiver="([^"\\]*)"\} ([\d.e+]+)/;

interface Counts {
  readonly used: Map<string, number>;
  readonly hits: Map<string, number>;
  lines: number;
}

/**
 * Uses of waivers in what replicas' /metrics say, or in the gate's log lines; over several files they add up, one for each
 * replica. Throws UsageError where a file is neither: no uses and no answer are not the same.
 */
export function usesIn(files: readonly string[]): Uses {
  const counts: Counts = { used: new Map(), hits: new Map(), lines: 0 };
  for (const file of files) {
    const before = counts.lines;
    for (const line of readText(file).split("\n")) take(line, counts);
    if (counts.lines === before)
      throw new UsageError(`${file} holds neither the gate's metrics nor its decision log`);
  }
  return { used: counts.used, hits: counts.hits, isPartial: counts.used.has(OTHER) };
}

function take(line: string, counts: Counts): void {
  if (line.startsWith("# TYPE mc_gate_waiver_uses_total")) counts.lines += 1;
  const [, metric, id, value] = SAMPLE.exec(line) ?? [];
  if (metric !== undefined) add(counts[METRICS[metric as keyof typeof METRICS]], id!, Number(value));
  if (!line.startsWith("{")) return;
  const said = decisionIn(line);
  if (said === undefined) return;
  counts.lines += 1;
  for (const each of textsIn(said["waivers"])) add(counts.used, each, 1);
  for (const each of textsIn(said["expiredWaivers"])) add(counts.hits, each, 1);
}

function add(map: Map<string, number>, id: string, count: number): void {
  if (Number.isFinite(count)) map.set(id, (map.get(id) ?? 0) + count);
}

/** A log line of a decision; other lines of the log are passed over. */
function decisionIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const said = parseJson(line) as Readonly<Record<string, unknown>>;
    return said["msg"] === "decision" ? said : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
