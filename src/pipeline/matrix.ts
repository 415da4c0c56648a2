type Combination = Readonly<Record<string, unknown>>;

/** More jobs of one matrix than GitHub runs. Source: docs.github.com, "Usage limits", job matrix. */
export const MAX_COPIES = 256;
/** Above this, combinations are counted without their exclusions. */
const MAX_COMBINATIONS = 4096;

/**
 * How many jobs a matrix makes, with what is excluded and included; undefined where an expression decides at run time.
 * Source: docs.github.com, "Running variations of jobs in a workflow".
 */
export function copiesOf(matrix: unknown): number | undefined {
  if (!isMap(matrix)) return (matrix ?? undefined) === undefined ? 1 : undefined;
  const { include = [], exclude = [], ...axes } = matrix;
  const values = Object.entries(axes);
  if (!areCombinations(include) || !areCombinations(exclude) || !areLists(values)) return undefined;
  const size = sizeOf(values);
  if (size > MAX_COMBINATIONS) return size + include.length;
  const left = product(values).filter((each) => !exclude.some((without) => isWithin(without, each)));
  const added = include.filter((extra) => !left.some((each) => extendsCombination(extra, each)));
  return left.length + added.length;
}

function product(axes: readonly (readonly [string, readonly unknown[]])[]): Combination[] {
  if (axes.length === 0) return [];
  return axes.reduce<Combination[]>(
    (made, [axis, values]) => made.flatMap((each) => values.map((value) => ({ ...each, [axis]: value }))),
    [{}],
  );
}

function isWithin(part: Combination, whole: Combination): boolean {
  return Object.entries(part).every(([key, value]) => JSON.stringify(whole[key]) === JSON.stringify(value));
}

/** An included combination is added to one that it does not overwrite, else it is a job by itself. */
function extendsCombination(extra: Combination, each: Combination): boolean {
  return Object.entries(extra).every(
    ([key, value]) => !Object.hasOwn(each, key) || JSON.stringify(each[key]) === JSON.stringify(value),
  );
}

function sizeOf(axes: readonly (readonly [string, readonly unknown[]])[]): number {
  return axes.length === 0 ? 0 : axes.reduce((size, [, values]) => size * values.length, 1);
}

function areLists(axes: [string, unknown][]): axes is [string, unknown[]][] {
  return axes.every(([, values]) => Array.isArray(values));
}

function areCombinations(value: unknown): value is readonly Combination[] {
  return Array.isArray(value) && value.every(isMap);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
