import { cpus, totalmem } from "node:os";

import { prepareTier } from "../e2e/support/obstacle.ts";
import { buildPrograms, PROGRAMS_VARIABLE } from "../e2e/support/programs.ts";
import { LOGS_VARIABLE } from "../e2e/support/setup.ts";
import { readFlags } from "../support/flags.ts";
import { CLUSTER_SCENARIOS } from "./cluster-scenarios.ts";
import { REGISTRY_SCENARIOS } from "./registry-scenarios.ts";
import { REPLICA_SCENARIOS } from "./replica-scenarios.ts";
import { type Result, runScenario } from "./scenario.ts";
import { table } from "./table.ts";
import { startWorld } from "./world.ts";

/**
 * `npm run test:chaos [-- --only NAME]`: the gate in a whole cluster, under load, while one thing after the other fails. Exit
 * code 1 where anything was admitted or refused wrongly, or lost.
 */

const SCENARIOS = [...REGISTRY_SCENARIOS, ...CLUSTER_SCENARIOS, ...REPLICA_SCENARIOS];
const GIB = 2 ** 30;
const HELP = `npm run test:chaos -- [--only NAME]...
MC_E2E_LOGS=FOLDER keeps the cluster's logs where something went wrong.
${SCENARIOS.map(({ name, fault }) => `  ${name.padEnd(18)} ${fault}`).join("\n")}
`;

const FLAGS = { only: { type: "string", multiple: true } } as const;
const { only } = readFlags(process.argv.slice(2), FLAGS, HELP);
const say = (text: string): void => void process.stderr.write(`chaos: ${text}\n`);

async function run(names: readonly string[] | undefined): Promise<Result[]> {
  const chosen = SCENARIOS.filter(({ name }) => names?.includes(name) ?? true);
  if (chosen.length === 0) throw new Error(`no such scenario\n${HELP}`);
  const reason = await prepareTier("node");
  if (reason !== undefined) throw new Error(reason);
  process.env[PROGRAMS_VARIABLE] = await buildPrograms([
    "kubernetes",
    "pause",
    "registry",
    "distribution",
    "helm",
  ]);
  const world = await startWorld(say);
  const results: Result[] = [];
  try {
    for (const scenario of chosen) {
      say(`${scenario.name}: ${scenario.fault}`);
      const result = await runScenario(scenario, world);
      results.push(result);
      say(
        `  ${JSON.stringify({ ...result.tally.counts, ...result.tally.faults })}, recovered after ${result.recoveredAfter.toFixed(1)} s`,
      );
      for (const problem of result.problems) say(`  WRONG: ${problem}`);
    }
  } finally {
    const isWrong = results.length < chosen.length || results.some(({ problems }) => problems.length > 0);
    await world.stop(isWrong ? process.env[LOGS_VARIABLE] : undefined);
  }
  return results;
}

async function main(): Promise<boolean> {
  const results = await run(only);
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${(totalmem() / GIB).toFixed(0)} GiB, node ${process.version}`;
  process.stdout.write(`${machine}\n\n${table(results)}\n`);
  return results.every(({ problems }) => problems.length === 0);
}

process.exitCode = (await main()) ? 0 : 1;
