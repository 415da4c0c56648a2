import { Stryker } from "@stryker-mutator/core";

/** Runs Stryker once, in a process that can be ended with all of its own: ranges to mutate, whether static ones count. */
const [mutate, withStatic, tempDirName] = JSON.parse(process.argv[2]!) as [string[], boolean, string];

const options: object = {
  mutate,
  ignoreStatic: !withStatic,
  tempDirName,
  testRunner: "vitest",
  vitest: { configFile: "test/mutation/vitest.config.ts", related: true },
  plugins: ["@stryker-mutator/vitest-runner", new URL("./line-reporter.ts", import.meta.url).pathname],
  reporters: ["lines"],
  // It reads a tsconfig.json by an interface that TypeScript 7 does not have.
  tsconfigFile: "none.json",
  checkers: [],
  coverageAnalysis: "perTest",
  concurrency: 1,
  timeoutMS: 10_000,
  dryRunTimeoutMinutes: 15,
  disableTypeChecks: false,
  cleanTempDir: "always",
  ignorePatterns: [".mutation", "bench/peer", "test/e2e/tools", "dist"],
  logLevel: "error",
};
await new Stryker(options).runMutationTest();
