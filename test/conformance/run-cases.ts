import { readFileSync } from "node:fs";

import { bundleProblem } from "../../src/cli/bundle-problem.ts";
import { digestOf } from "../../src/core/index.ts";
import type { ConformanceCase } from "./cases.ts";

/** What a run of the suite comes to. */
export interface ConformanceReport {
  /** One line for each wrong verdict, and `N passed, N failed, 0 skipped`. */
  readonly lines: readonly string[];
  /** Whether each verdict is right, of one at least. */
  readonly isConformant: boolean;
}

interface WrongVerdict {
  readonly name: string;
  readonly by: "path" | "digest";
  readonly said: string;
}

/** Verifies each case twice, by the artifact's path and by its SHA-256, in this process. */
export function runCases(cases: readonly ConformanceCase[]): ConformanceReport {
  const wrong = cases.flatMap((each) => [...wrongVerdict(each, "path"), ...wrongVerdict(each, "digest")]);
  const width = Math.max(0, ...wrong.map(({ name }) => name.length));
  const right = 2 * cases.length - wrong.length;
  return {
    lines: [
      ...wrong.map(({ name, by, said }) => `${name.padEnd(width)}  ${by.padEnd(6)}  ${said}`),
      `${right} passed, ${wrong.length} failed, 0 skipped`,
    ],
    isConformant: cases.length > 0 && wrong.length === 0,
  };
}

function wrongVerdict(
  { name, mustVerify, artifact, options }: ConformanceCase,
  by: WrongVerdict["by"],
): WrongVerdict[] {
  const problem = problemOf(by === "path" ? artifact : digestOf(readFileSync(artifact)), options);
  return (problem === undefined) === mustVerify ? [] : [{ name, by, said: problem ?? "it verifies" }];
}

/** Anything that keeps a bundle from being verified, an unusable trusted root or key included, is a refusal. */
function problemOf(artifact: string, options: ConformanceCase["options"]): string | undefined {
  try {
    return bundleProblem(artifact, options);
  } catch (error) {
    return error instanceof Error ? error.message : "an unreadable failure";
  }
}
