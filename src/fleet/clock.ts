/** Time, as an argument: hours of waiting pass at once in a test. */
export interface Clock {
  readonly now: () => number;
  /** Waits for ms. Rejects where the run is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
}
