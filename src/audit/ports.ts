import type { TemplateKind } from "../workloads/index.ts";

/** Something that could not be read. */
export interface AuditGap {
  readonly what: string;
  readonly why: string;
  /** Present where another run may read it. */
  readonly code?: string;
}

/** What is read of a cluster, of one namespace or of all. Failures of its functions are reported, and end nothing else. */
export interface AuditCluster {
  readonly pods: (take: (pod: unknown) => void, namespace?: string) => Promise<void>;
  readonly templates: (
    kind: TemplateKind,
    take: (object: unknown) => void,
    namespace?: string,
  ) => Promise<void>;
  /** The code of a failure; undefined where it is not the cluster's. */
  readonly codeOf: (error: unknown) => string | undefined;
}
