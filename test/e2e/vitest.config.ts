import { join } from "node:path";

import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

import { SummaryReporter } from "../support/summary-reporter.ts";
import { ScenarioReporter, reasonOf } from "./support/report.ts";
import { TIERS, type Tier } from "./support/tiers.ts";

/** What takes more than the rest together, such as the build of an earlier version, has a command of its own. */
const KIND = process.env["MC_E2E_APART"] === "true" ? "apart" : "e2e";

function projectOf(tier: Tier): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name: tier,
      include: [`test/e2e/${tier}/**/*.${KIND}.test.ts`],
      globalSetup: [`test/e2e/support/${tier}-setup.ts`],
    },
  };
}

/** One file at a time: clusters and the programs under test share few processors, and some scenarios measure load. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    reporters: ["default", new ScenarioReporter(), new SummaryReporter(reasonOf)],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    projects: TIERS.map(projectOf),
  },
});
