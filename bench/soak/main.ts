import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readFlags } from "../../test/support/flags.ts";
import { buildBundle } from "../build.ts";
import { type GateProcess, startGate } from "../gate-process.ts";
import { startRegistry } from "../registry.ts";
import { SOAK_DOCUMENTS, startChurn } from "./churn.ts";
import { createClient } from "./client.ts";
import { problemsOf } from "./judge.ts";
import { report } from "./report.ts";
import { type Sample, takeSample } from "./samples.ts";
import { startTraffic } from "./traffic.ts";

/**
 * `npm run soak -- --minutes N`: the shipped bundle under a moderate, steady load while documents, certificate and registry
 * change, and whether its memory and descriptors stay what they were. Exit code 1 where something grew or went wrong.
 */

const HELP = `npm run soak -- [options]
  --minutes N      how long (60)
  --per-second N   reviews a second (12)
  --busy           the machine has other work: what got no answer in time does not count, as long as most did
  --samples FILE   writes every sample there, a line of JSON each
`;
const FLAGS = {
  minutes: { type: "string", default: "60" },
  "per-second": { type: "string", default: "12" },
  busy: { type: "boolean", default: false },
  samples: { type: "string" },
} as const;

/** New images for every second of an hour would only measure the registry's own memory. */
const MAX_IMAGES = 2000;
const SAMPLES = 240;
const FATAL = 60;

const flags = readFlags(process.argv.slice(2), FLAGS, HELP);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const minutes = Number(flags.minutes);
const perSecond = Number(flags["per-second"]);
const seconds = minutes * 60;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const own = mkdtempSync(join(tmpdir(), "mc-soak-"));
process.once("exit", () => rmSync(own, { recursive: true, force: true }));

/** What only a process in trouble says: an error that nobody caught makes it stop. */
function isCry(line: string): boolean {
  const { level, msg, error } = JSON.parse(line) as { level: number; msg: string; error?: string };
  return level >= FATAL || (msg === "stopping" && error !== undefined);
}

async function sampleUntilTheEnd(gate: GateProcess, isOver: () => boolean): Promise<Sample[]> {
  const since = performance.now();
  const everyMs = Math.max(1000, (seconds * 1000) / SAMPLES);
  const samples: Sample[] = [];
  while (!isOver() && performance.now() - since < seconds * 1000) {
    const sample = await takeSample(gate, since);
    samples.push(sample);
    if (flags.samples !== undefined) appendFileSync(flags.samples, `${JSON.stringify(sample)}\n`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return samples;
}

const signed = Math.min(MAX_IMAGES, Math.ceil((seconds * perSecond) / 10));
say(`making ${signed} signed images and the bundle`);
const registry = await startRegistry({ file: join(own, "registry.bin"), signed, withSbom: 0, port: 0 });
const cries: string[] = [];
const folder = join(own, "gate");
const gate = await startGate({
  bundle: buildBundle(own),
  folder,
  registry,
  nodeArguments: [],
  evidence: { folder: join(own, "evidence"), refreshAfter: "30s" },
  onLine: (line) => isCry(line) && cries.push(line),
});
let ended = false;
void gate.gone.then(() => (ended = true));
await gate.use(SOAK_DOCUMENTS);
const client = createClient(gate.url);
const churn = startChurn({ gate, folder, registry, client, everyMs: Math.max(6000, seconds * 8) });
const { host, images } = registry;
const { busy } = flags;
const traffic = startTraffic({ client, host, images, perSecond, trouble: churn.trouble, busy });
say(`${minutes} minutes with ${perSecond} reviews a second`);
const samples = await sampleUntilTheEnd(gate, () => ended);
const changes = await churn.stop();
const tally = await traffic.stop();
const problems = problemsOf({ minutes, samples, tally, cries, ended, busy });
say(report({ samples, tally, changes, minutes }));
for (const problem of problems) say(`WRONG: ${problem}`);
await gate.stop();
registry.stop();
process.exitCode = problems.length > 0 ? 1 : 0;
say(problems.length > 0 ? "the soak failed" : "the soak passed");
