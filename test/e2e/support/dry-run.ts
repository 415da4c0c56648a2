import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { objectsIn } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./process.ts";

/** Kinds of other projects, whose definitions this API server does not have. */
const FOREIGN = ["Issuer", "Certificate", "ServiceMonitor", "PrometheusRule"];

/** Rendered texts, applied by the real API server without being kept. */
export interface DryRun {
  /** The exit code of a dry run of all objects of a text, and the complaints. Throws where the text holds too few objects. */
  readonly of: (text: string, fewest?: number) => Promise<readonly [number, readonly string[]]>;
  readonly stop: () => Promise<void>;
}

/** Also where there is one already, of scenarios before. One that is on its way out cannot be used, nor made. */
async function makeNamespace({ kubectl }: Cluster): Promise<true | undefined> {
  await kubectl(["create", "namespace", "mc-gate"]);
  const { stdout } = await kubectl(["get", "namespace", "mc-gate", "-o", "jsonpath={.status.phase}"]);
  return stdout === "Active" || undefined;
}

/** Makes the namespace into which the chart's objects go. */
export async function createDryRun(cluster: Cluster): Promise<DryRun> {
  const folder = await mkdtemp(join(tmpdir(), "mc-chart-"));
  await eventually("the namespace", () => makeNamespace(cluster), 100_000);
  return {
    of: async (text, fewest = 10) => {
      const items = objectsIn(text).filter(({ kind }) => !FOREIGN.includes(kind));
      if (items.length < fewest) throw new Error(`only ${items.length} objects are rendered`);
      const file = join(folder, "all.json");
      await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
      const flags = ["--dry-run=server", "--validate=strict"];
      const { code, stderr } = await cluster.kubectl(["apply", ...flags, "-f", file]);
      return [code, stderr.split("\n").filter((line) => /error|unknown field|invalid/i.test(line))];
    },
    stop: async () => {
      await rm(folder, { recursive: true, force: true });
      await cluster.kubectl(["delete", "namespace", "mc-gate", "--wait=false"]);
    },
  };
}
