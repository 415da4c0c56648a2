import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { type Outcome, run, runOrThrow } from "./process.ts";
import { PROJECT } from "./programs.ts";

const REQUIREMENTS = join(PROJECT, "test/e2e/tools/zizmor/requirements.txt");

/** The same as cluster/build.sh has. */
function cacheFolder(): string {
  const { MC_E2E_CACHE, XDG_CACHE_HOME } = process.env;
  return MC_E2E_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "mc-gate-e2e");
}

/** Installs zizmor by its hash into the cache of the end-to-end tests, unless it is there, and gives its path. */
async function installed(): Promise<string> {
  const recipe = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 16);
  const cache = cacheFolder();
  const folder = join(cache, `zizmor-${recipe}`);
  const program = join(folder, "bin/zizmor");
  if (existsSync(program)) return program;
  await mkdir(cache, { recursive: true });
  const part = await mkdtemp(`${folder}.part-`);
  try {
    const options = { timeoutMs: 150_000 };
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"];
    await runOrThrow(
      "python3",
      [...pip, "--only-binary", ":all:", "--target", part, "-r", REQUIREMENTS],
      options,
    );
    await rename(part, folder).catch(() => undefined); // another run was first
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return program;
}

/** Runs zizmor without GitHub and by its strictest persona. */
export async function zizmor(...args: readonly string[]): Promise<Outcome> {
  return run(await installed(), ["--offline", "--persona=auditor", "--no-progress", ...args], {
    cwd: PROJECT,
  });
}
