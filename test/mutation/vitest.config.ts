import { defineConfig } from "vitest/config";

/** What a mutant must be noticed by. Mutated code may be slow, and so is a busy machine. */
export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "test/golden/**/*.test.ts",
      "test/threats/{b14,c2,d32}*.test.ts", // really signed layers, with no gate around the verification
    ],
    testTimeout: 60_000,
  },
});
