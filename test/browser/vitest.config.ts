import { join } from "node:path";

import { defineConfig } from "vitest/config";

import { SummaryReporter } from "../support/summary-reporter.ts";

/** Pages in headless Chromium; apart, since the other tests need nothing but npm. */
export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    reporters: ["default", new SummaryReporter()],
    testTimeout: 180_000,
    hookTimeout: 600_000,
  },
});
