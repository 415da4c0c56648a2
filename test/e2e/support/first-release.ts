import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { run, runOrThrow } from "./process.ts";
import { PROJECT } from "./programs.ts";

/** The first commit of this project: chart and code of 0.1.0. */
const COMMIT = "c0e010bbc61886c6fbc230655508c68cdf5b7214";
const INSTALL_MS = 900_000;

/** The folders of 0.1.0's chart and bundle. */
export interface FirstRelease {
  readonly chart: string;
  readonly dist: string;
}

/**
 * Builds 0.1.0 from the history with its own lock file, and keeps it where the other programs of these tests are. Throws
 * where this checkout lacks the history.
 */
export async function firstRelease(): Promise<FirstRelease> {
  const folder = join(cacheFolder(), `mc-gate-${COMMIT.slice(0, 12)}`);
  const built = { chart: join(folder, "charts/mc-gate"), dist: join(folder, "dist") };
  if ((await run("test", ["-f", join(built.dist, "mc.js")])).code === 0) return built;
  const known = await run("git", ["-C", PROJECT, "cat-file", "-e", `${COMMIT}^{commit}`]);
  if (known.code !== 0) {
    const advice = "fetch the whole history: git fetch --unshallow";
    throw new Error(`this checkout lacks commit ${COMMIT}, from which an upgrade is tested; ${advice}`);
  }
  await mkdir(cacheFolder(), { recursive: true });
  const part = await mkdtemp(join(cacheFolder(), "mc-gate-part-"));
  try {
    await build(part);
    await rename(part, folder).catch(() => undefined); // another run was faster
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return built;
}

/** Leaves the chart and the bundle alone in the folder. */
async function build(folder: string): Promise<void> {
  const archive = join(folder, "source.tar");
  await runOrThrow("git", ["-C", PROJECT, "archive", "--output", archive, COMMIT]);
  await runOrThrow("tar", ["-C", folder, "-xf", archive]);
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await runOrThrow("npm", ["ci", ...quiet], { cwd: folder, timeoutMs: INSTALL_MS });
  const rolldown = join(folder, "node_modules/rolldown/bin/cli.mjs");
  await runOrThrow(process.execPath, [rolldown, "-c"], { cwd: folder, timeoutMs: INSTALL_MS });
  for (const heavy of ["node_modules", "source.tar"])
    await rm(join(folder, heavy), { recursive: true, force: true });
}

/** As cluster/build.sh has it. */
function cacheFolder(): string {
  const { MC_E2E_CACHE: own, XDG_CACHE_HOME: user } = process.env;
  return own ?? join(user ?? join(homedir(), ".cache"), "mc-gate-e2e");
}
