import { join } from "node:path";

import { defineConfig } from "vitest/config";

import { SummaryReporter } from "../support/summary-reporter.ts";

/** The image under a real Docker engine; apart, since the other tests need nothing but npm. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    name: "docker",
    include: ["test/docker/**/*.test.ts"],
    // The reaper is an image that would have to be pulled; the test ends its own container.
    env: { TESTCONTAINERS_RYUK_DISABLED: "true" },
    reporters: ["default", new SummaryReporter()],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
