/** Series of the gate's own counters whose value differs between two expositions, as `series before → after`. */
export function movedMetrics(before: string, after: string): string[] {
  const old = new Map(series(before));
  return series(after)
    .filter(([name, value]) => old.get(name) !== value)
    .map(([name, value]) => `${name} ${old.get(name) ?? "0"} → ${value}`);
}

function series(exposition: string): [string, string][] {
  const lines = exposition
    .split("\n")
    .filter((line) => line.startsWith("mc_gate_") && !/_bucket\{|_sum[{ ]/.test(line));
  return lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), line.slice(at + 1)];
  });
}
