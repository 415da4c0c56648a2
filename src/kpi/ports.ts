import type { Repository } from "../fleet/index.ts";
import type { JobFact, Note, RunFact } from "./evaluate-run.ts";
import type { Release } from "./facts.ts";

/** A span of time. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** What is read of GitHub. Rejects with OutboundError; its `status` tells absent from forbidden. */
export interface KpiPort {
  readonly repositories: (owner: string) => AsyncIterable<Repository>;
  /** Every run that was created within a span. */
  readonly runs: (name: string, span: Span) => Promise<readonly RunFact[]>;
  readonly jobs: (name: string, run: number, attempt: number) => Promise<readonly JobFact[]>;
  /** Annotations of a job. */
  readonly notes: (name: string, job: number) => Promise<readonly Note[]>;
  /** A file of the default branch; undefined where it is not there. */
  readonly file: (name: string, path: string) => Promise<string | undefined>;
  readonly tags: (name: string) => Promise<readonly Release[]>;
}
