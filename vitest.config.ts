import { defineConfig } from "vitest/config";

import { SummaryReporter } from "./test/support/summary-reporter.ts";

/** Fast projects first; `e2e` has its own command, since it starts real clusters. */
export default defineConfig({
  test: {
    testTimeout: 60_000, // what hangs takes for ever, and a busy machine takes its time
    hookTimeout: 60_000,
    reporters: ["default", new SummaryReporter()],
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/*.test.ts", "test/golden/**/*.test.ts"] },
      },
      { extends: true, test: { name: "integration", include: ["test/integration/**/*.test.ts"] } },
      { extends: true, test: { name: "threats", include: ["test/threats/**/*.test.ts"] } },
    ],
    coverage: { include: ["src/**/*.ts"], exclude: ["src/**/*.test.ts"] },
  },
});
