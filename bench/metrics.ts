/** The text of a gate's metrics. Reading it begins a new window of the event loop's delays. */
export async function readMetrics(probeUrl: string): Promise<string> {
  return await (await fetch(`${probeUrl}/metrics`)).text();
}

/** One value of it; 0 where there is none. */
export function metricOf(text: string, name: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
