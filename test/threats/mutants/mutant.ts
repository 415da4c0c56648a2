/** A change of the code that opens one of the known ways past the gate. */
export interface Mutant {
  /** Path from the project's folder. */
  readonly file: string;
  /** What stands there, once. */
  readonly from: string;
  readonly to: string;
}

/** Mutants by the number of the threat whose test must fail with each of them alone. */
export type Mutants = Readonly<Record<string, readonly [Mutant, ...Mutant[]]>>;
