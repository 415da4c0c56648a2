import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build, type OutputOptions } from "rolldown";
import type { TestProject } from "vitest/node";

import config from "../../rolldown.config.ts";
import { BUNDLED_VARIABLE } from "./bundled.ts";

/**
 * Bundles the program and its threads once for a run, and again for each further run of a watch: the tests start some
 * hundred of them, and each takes a third as long from its bundle as from source.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "mc-bundle-"));
  const output = { ...(config.output as OutputOptions), dir };
  const write = async (): Promise<void> => {
    await build({ ...config, output });
  };
  await write();
  project.onTestsRerun(write);
  const entries = Object.entries(config.input as Readonly<Record<string, string>>);
  const bundles = entries.map(([name, source]) => [
    pathToFileURL(source),
    pathToFileURL(join(dir, `${name}.js`)),
  ]);
  process.env[BUNDLED_VARIABLE] = JSON.stringify(Object.fromEntries(bundles.map((pair) => pair.map(String))));
  return () => rm(dir, { recursive: true, force: true });
}
