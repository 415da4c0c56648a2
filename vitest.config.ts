import { resolve } from "node:path";

import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

import { SummaryReporter } from "./test/support/summary-reporter.ts";

/** Tests that put other modules in the place of Node's. */
const MOCKED = "src/**/*.mocked.test.ts";

/** What needs nothing but npm: `npm test`, and with its project `slow` `npm run test:slow`. */
export default defineConfig({
  test: {
    testTimeout: 180_000, // what hangs takes for ever, and a busy machine takes its time
    hookTimeout: 180_000,
    expect: { poll: { timeout: 90_000 } },
    maxWorkers: "100%", // vitest would leave one core idle, which is half of two
    reporters: ["default", new SummaryReporter()],
    restoreMocks: true,
    projects: [
      sharing("fast", [
        "{src,scripts}/**/*.test.ts",
        "test/*.test.ts",
        "test/{golden,integration,threats}/**/*.test.ts",
      ]),
      { extends: true, test: { name: "mocked", include: [MOCKED] } },
      sharing("slow", ["test/{harness,limits,processes}/**/*.test.ts"]),
    ],
    coverage: { include: ["src/**/*.ts"], exclude: ["src/**/*.test.ts"] },
  },
});

/** A project whose files share what they import: to load it anew for each takes as long as the tests themselves. */
function sharing(name: string, include: string[]): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, MOCKED],
      isolate: false,
      globalSetup: ["test/support/bundle-setup.ts"],
      execArgv: ["--import", resolve("test/support/bundle-preload.ts")],
    },
  };
}
