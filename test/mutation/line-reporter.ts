import { relative } from "node:path";

import { addLines, digestOfFile, type Line } from "./results.ts";

/** Where the lines go. */
export const LINES_VARIABLE = "MC_MUTATION_LINES";

interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is read of Stryker's mutants. */
interface StrykerMutant {
  readonly fileName: string;
  /** Lines and columns from 0. */
  readonly location: { readonly start: Place; readonly end: Place };
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status?: string;
}

/** Writes down what is going to be tried, and what became of each as soon as it is known. */
class LineReporter {
  onMutationTestingPlanReady({
    mutantPlans,
  }: {
    readonly mutantPlans: readonly { readonly mutant: StrykerMutant }[];
  }): void {
    addLines(
      process.env[LINES_VARIABLE]!,
      mutantPlans.map(({ mutant }) => lineOf(mutant, undefined)),
    );
  }

  onMutantTested(mutant: StrykerMutant): void {
    addLines(process.env[LINES_VARIABLE]!, [lineOf(mutant, mutant.status)]);
  }
}

function lineOf(
  { fileName, location, mutatorName, replacement }: StrykerMutant,
  status: string | undefined,
): Line {
  const { start, end } = location;
  const file = relative(process.cwd(), fileName);
  return {
    file,
    range: `${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`,
    mutator: mutatorName,
    replacement,
    of: digestOfFile(file) ?? "",
    ...(status !== undefined && { status }),
  };
}

/** The plug-in as Stryker finds it. */
export const strykerPlugins = [{ kind: "Reporter", name: "lines", injectableClass: LineReporter }];
