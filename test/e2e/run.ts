import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { prepareTier } from "./support/obstacle.ts";
import { run } from "./support/process.ts";
import { buildPrograms, CLUSTER_SCRIPTS, PROGRAMS_VARIABLE, PROJECT, type Unit } from "./support/programs.ts";
import { LOGS_VARIABLE } from "./support/setup.ts";
import { skipReason, skipTier, TIERS, type Tier } from "./support/tiers.ts";

/**
 * `npm run test:e2e [-- fast|argocd|node] [-- FILE_PART...]`: builds what the end-to-end tests run, then runs them. A tier that
 * cannot run here is skipped with its reason, which fails where CI=true.
 */

function say(text: string): void {
  process.stderr.write(`e2e: ${text}\n`);
}

function unitsOf(tiers: readonly Tier[]): Unit[] {
  const own = tiers.includes("node") || !process.env["KUBEBUILDER_ASSETS"];
  const kubernetes: Unit[] = own ? ["kubernetes", "pause"] : [];
  // On the user's own cluster there is no Argo CD of ours: its pods could not reach it.
  const hasArgoCd = tiers.includes("argocd") || (tiers.includes("node") && !process.env["E2E_KUBECONFIG"]);
  const argocd: Unit[] = hasArgoCd ? ["argocd"] : [];
  const policies: Unit[] = tiers.includes("node") && !process.env["E2E_KUBECONFIG"] ? ["policies"] : [];
  const delivery: Unit[] = tiers.includes("fast") ? ["actionlint", "rollouts", "kargo", "flagger"] : [];
  return [
    ...kubernetes,
    "registry",
    "distribution",
    "cosign",
    "helm",
    "conftest",
    ...delivery,
    ...policies,
    ...argocd,
  ];
}

function vitest(projects: readonly Tier[], filters: readonly string[]): Promise<number> {
  const program = join(PROJECT, "node_modules/vitest/vitest.mjs");
  const selected = projects.flatMap((tier) => ["--project", tier]);
  const config = join(import.meta.dirname, "vitest.config.ts");
  const args = [program, "run", "--configLoader", "native", "--config", config, ...selected, ...filters];
  const child = spawn(process.execPath, args, { stdio: "inherit", cwd: PROJECT });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/**
 * Takes down what a run left in its folder, which is nothing unless it was killed, and removes the folder. Without
 * down.sh's list of processes the clusters could not be ended any more, so that comes first.
 */
async function sweep(scratch: string): Promise<void> {
  for (const parent of await readdir(scratch)) {
    for (const tier of TIERS) await run(join(CLUSTER_SCRIPTS, "down.sh"), [join(scratch, parent, tier)]);
  }
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}

/** Runs vitest with a folder of its own for everything temporary. */
async function runScenarios(tiers: readonly Tier[], filters: readonly string[]): Promise<number> {
  const logs = (process.env[LOGS_VARIABLE] ??= join(tmpdir(), `mc-e2e-logs-${Date.now()}`));
  const scratch = await mkdtemp(join(tmpdir(), "mc-e2e-"));
  process.env["TMPDIR"] = scratch;
  try {
    return await vitest(tiers, filters);
  } finally {
    await sweep(scratch);
    if (existsSync(logs)) say(`logs of what failed: ${logs}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const named = TIERS.filter((tier) => args.includes(tier));
  const tiers = named.length > 0 ? named : TIERS;
  for (const tier of tiers) {
    const reason = await prepareTier(tier);
    if (reason) skipTier(tier, reason);
  }
  const runnable = tiers.filter((tier) => skipReason(tier) === undefined);
  say(`tiers: ${runnable.join(", ") || "none"}`);
  process.env[PROGRAMS_VARIABLE] = await buildPrograms(unitsOf(runnable));
  return runScenarios(
    tiers,
    args.filter((arg) => !TIERS.includes(arg as Tier)),
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
