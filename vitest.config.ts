import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

import { SummaryReporter } from "./test/support/summary-reporter.ts";

/** Tests that put other modules in the place of Node's. */
const MOCKED = "src/**/*.mocked.test.ts";

/** Fast projects first; `e2e` has its own command, since it starts real clusters. */
export default defineConfig({
  test: {
    testTimeout: 60_000, // what hangs takes for ever, and a busy machine takes its time
    hookTimeout: 60_000,
    reporters: ["default", new SummaryReporter()],
    restoreMocks: true,
    projects: [
      sharing("unit", ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/*.test.ts", "test/golden/**/*.test.ts"]),
      { extends: true, test: { name: "mocked", include: [MOCKED] } },
      sharing("integration", ["test/integration/**/*.test.ts"]),
      sharing("threats", ["test/threats/**/*.test.ts"]),
    ],
    coverage: { include: ["src/**/*.ts"], exclude: ["src/**/*.test.ts"] },
  },
});

/** A project whose files share what they import: to load it anew for each takes as long as the tests themselves. */
function sharing(name: string, include: string[]): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include, exclude: [...configDefaults.exclude, MOCKED], isolate: false } };
}
