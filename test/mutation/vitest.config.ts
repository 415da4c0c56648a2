import { defineConfig } from "vitest/config";

/** The unit tests and the golden reviews: what a mutant must be noticed by. Mutated code may be slow, and so is a busy machine. */
export default defineConfig({
  test: { include: ["src/**/*.test.ts", "test/golden/**/*.test.ts"], testTimeout: 60_000 },
});
