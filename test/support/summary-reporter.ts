import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Failures that are told once more, and characters of each: the end of a long run's output is what is looked at first. */
const MAX_TOLD = 10;
const MAX_CHARACTERS = 1000;

interface Tally {
  passed: number;
  failed: number;
  readonly skipped: TestCase[];
  readonly failures: string[];
}

function describeFailure(test: TestCase): string {
  const { errors = [] } = test.result();
  const messages = errors.map(({ message, diff }) => (diff === undefined ? message : `${message}\n${diff}`));
  return `failed: ${test.fullName}: ${messages.join("; ").slice(0, MAX_CHARACTERS)}`;
}

function count(modules: readonly TestModule[]): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: [], failures: [] };
  for (const module of modules) {
    if (module.state() === "failed" && module.children.size === 0) tally.failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") tally.passed += 1;
      else if (state === "failed") {
        tally.failed += 1;
        tally.failures.push(describeFailure(test));
      } else tally.skipped.push(test);
    }
  }
  return tally;
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === "skipped" && result.note) || "no reason given";
}

/**
 * Closes a run with `N passed, N failed, N skipped`, after the first failures and each skipped test with its reason. A run that executed
 * nothing fails, and so does a skip where CI is set: a check that looked at nothing must not be green.
 */
export class SummaryReporter implements Reporter {
  readonly #reasonOf: (test: TestCase) => string;

  /** A suite that knows more about its skips than the tests' own notes says so through `reason`. */
  constructor(reason: (test: TestCase) => string = reasonOf) {
    this.#reasonOf = reason;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { passed, failed, skipped, failures } = count(modules);
    for (const failure of failures.slice(0, MAX_TOLD)) process.stdout.write(`${failure}\n`);
    for (const test of skipped) process.stdout.write(`skipped: ${test.fullName} (${this.#reasonOf(test)})\n`);
    if (passed + failed === 0) process.stdout.write("no test was executed\n");
    const forbidden = process.env["CI"] === "true" && skipped.length > 0;
    if (forbidden) process.stdout.write("CI allows no skipped test\n");
    if (passed === 0 || failed > 0 || errors.length > 0 || forbidden) process.exitCode = 1;
    process.stdout.write(`\n${passed} passed, ${failed + errors.length} failed, ${skipped.length} skipped\n`);
  }
}
