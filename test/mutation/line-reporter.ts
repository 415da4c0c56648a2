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
      mutantPlans.map(({ mutant }) => lineOf(mutant, PLANNED)),
    );
  }

  onMutantTested(mutant: StrykerMutant): void {
    addLines(process.env[LINES_VARIABLE]!, [{ ...lineOf(mutant, TRIED), status: mutant.status! }]);
  }
}

/** Where Stryker counts from: in a plan lines and columns from 0, in a result from 1. */
interface Base {
  readonly line: number;
  readonly column: number;
}
const PLANNED: Base = { line: 0, column: 0 };
const TRIED: Base = { line: 1, column: 1 };

/** As ranges are written: lines from 1, columns from 0. */
function lineOf({ fileName, location, mutatorName, replacement }: StrykerMutant, base: Base): Line {
  const placeOf = ({ line, column }: Place): string => `${line - base.line + 1}:${column - base.column}`;
  const file = relative(process.cwd(), fileName);
  return {
    file,
    range: `${placeOf(location.start)}-${placeOf(location.end)}`,
    mutator: mutatorName,
    replacement,
    of: digestOfFile(file) ?? "",
  };
}

/** The plug-in as Stryker finds it. */
export const strykerPlugins = [{ kind: "Reporter", name: "lines", injectableClass: LineReporter }];
