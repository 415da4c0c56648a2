import { defineConfig } from "vitest/config";

/** The unit tests alone: what a mutant must be found by. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/golden/**/*.test.ts"],
  },
});
