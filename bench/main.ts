import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

import { buildBundle } from "./build.ts";
import { type Case, isForPeers, SUITES } from "./cases.ts";
import { decideTable, measureDecide } from "./decide.ts";
import { measureEdit } from "./edit.ts";
import { floodTable, measureFlood } from "./flood.ts";
import { startGate } from "./gate-process.ts";
import { startHelper } from "./helper-process.ts";
import { hostileTable, measureHostile } from "./hostile.ts";
import { startLoad } from "./load.ts";
import { type Bench, type Figures, measure, type System } from "./measure.ts";
import { metricOf, readMetrics } from "./metrics.ts";
import { measureOdd, oddTable } from "./odd.ts";
import { readOptions } from "./options.ts";
import { measureRecord, recordTable } from "./record.ts";
import { startRegistry } from "./registry.ts";
import { measureStart } from "./start.ts";
import { syncTable } from "./sync-table.ts";
import { measureSync } from "./sync.ts";
import { HEADER, line, ratios } from "./table.ts";

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const options = readOptions(process.argv.slice(2));
const own = mkdtempSync(join(tmpdir(), "mc-bench-")); // of this run alone: two may share their images
const folder = options.folder ?? own;
const say = (text: string): void => void process[options.json ? "stderr" : "stdout"].write(`${text}\n`);

/** Where the memory of a gate's main thread is. */
function memoryParts(metrics: string): string {
  const of = (name: string): string => (metricOf(metrics, name) / 2 ** 20).toFixed(0);
  const heap = `heap ${of("nodejs_heap_size_used_bytes")} of ${of("nodejs_heap_size_total_bytes")}`;
  return `${heap}, external ${of("nodejs_external_memory_bytes")}, resident ${of("process_resident_memory_bytes")} MiB`;
}

interface Turn {
  readonly suite: string;
  readonly each: Case;
  readonly system: System;
}

/** What is compared takes turns, A B A B, so that what else the machine does hits all of it. */
function turns(): Turn[] {
  return SUITES.filter(({ name }) => options.suites.includes(name)).flatMap(
    ({ name: suite, inTurn, cases }) => {
      const rounds = Math.max(options.rounds, inTurn || systems.length > 1 ? 2 : 1);
      const chosen = cases.filter(({ name, concurrency }) => options.wants(name, concurrency));
      const groups = inTurn ? [chosen] : chosen.map((each) => [each]);
      return groups.flatMap((group) =>
        Array.from({ length: rounds }, () =>
          group.flatMap((each) =>
            systems.filter((system) => mayRun(system, each)).map((system) => ({ suite, each, system })),
          ),
        ).flat(),
      );
    },
  );
}

function mayRun({ use }: System, each: Case): boolean {
  return use !== undefined || isForPeers(each);
}

mkdirSync(folder, { recursive: true });
say(`preparing ${options.images} images in ${folder}`);
const { images: signed, sboms: withSbom, registryPort: port, seconds } = options;
const registry = await startRegistry({ file: join(folder, "registry.bin"), signed, withSbom, port });
for (const [name, text] of [
  ["registry-host", registry.host],
  ["registry-ca.pem", registry.ca],
  ["key.pem", registry.keyPem],
] as const)
  writeFileSync(join(folder, name), text); // for a peer
const bundle = options.bundle ?? buildBundle(own);
const ours = { folder: join(own, "gate"), bundle, registry, nodeArguments: options.nodeArguments };
const gate = await startGate(ours);
const other =
  options.against === undefined
    ? undefined
    : await startGate({ ...ours, folder: join(own, "other"), bundle: options.against });
const load = startLoad();
const floor = options.floor ? startHelper("floor-process.ts") : undefined;
const bench: Bench = { registry, load, seconds, serviceAccount: options.serviceAccount };
const systems: System[] = [
  { name: "gate", ...gate },
  ...(other === undefined ? [] : [{ name: "other", ...other }]),
  ...(floor === undefined ? [] : [{ name: "floor", pid: floor.pid, url: await floor.call<string>("url") }]),
  ...(options.peer === undefined ? [] : [{ name: "peer", ...options.peer }]),
];
const figures: Figures[] = [];

say(`${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, node ${process.version}\n\n${HEADER}`);
for (const { suite, each, system } of turns()) {
  const measured = { suite, ...(await measure(each, system, bench)) };
  figures.push(measured);
  say(line(measured));
  if (!options.verbose) continue;
  if (measured.complaint !== undefined) say(`  ${measured.complaint}`);
  if (system.probeUrl !== undefined) say(`  ${memoryParts(await readMetrics(system.probeUrl))}`);
}
const edit = options.suites.includes("edit") ? await measureEdit(gate, bench) : undefined;
if (edit !== undefined)
  say(`\nan edit of the policy counts after ${edit.map((ms) => ms.toFixed(0)).join(", ")} ms (c=400)`);
const odd = options.suites.includes("odd") ? await measureOdd(gate, bench) : undefined;
if (odd !== undefined) say(`\n${oddTable(odd).join("\n")}`);
const hostile = options.suites.includes("odd") ? await measureHostile(ours, registry) : undefined;
if (hostile !== undefined) say(`\n${hostileTable(hostile).join("\n")}`);
const decide = options.suites.includes("decide") ? await measureDecide() : undefined;
if (decide !== undefined) say(`\n${decideTable(decide).join("\n")}`);
const recording = options.suites.includes("record") ? await measureRecord() : undefined;
if (recording !== undefined) say(`\n${recordTable(recording, figures).join("\n")}`);
const flood = options.suites.includes("flood") ? await measureFlood(ours, registry) : undefined;
if (flood !== undefined) say(`\n${floodTable(flood).join("\n")}`);
const sync = options.suites.includes("sync") ? await measureSync(ours, registry, options.rounds) : undefined;
if (sync !== undefined) say(`\n${syncTable(sync).join("\n")}`);
const start = options.suites.includes("start") ? await measureStart(ours) : undefined;
if (start !== undefined)
  say(
    `\nready after ${start.readyMs.map((ms) => ms.toFixed(0)).join(", ")} ms; idle ${start.idleMib.toFixed(0)} MiB`,
  );
for (const text of ratios(figures)) say(text);
if (options.json)
  process.stdout.write(
    `${JSON.stringify({ figures, edit, odd, hostile, decide, recording, flood, sync, start })}\n`,
  );
load.stop();
floor?.stop();
await gate.stop();
await other?.stop();
registry.stop();
rmSync(own, { recursive: true });
