import type { TemplateKind } from "../workloads/index.ts";

/** Something that could not be read. */
export interface AuditGap {
  readonly what: string;
  readonly why: string;
  /** Present where another run may read it. */
  readonly code?: string;
}

type Take = (object: unknown) => void;

/** What is read of a cluster, of one namespace or of all. Failures of its functions are reported, and end nothing else. */
export interface AuditCluster {
  readonly pods: (take: Take, namespace?: string) => Promise<void>;
  readonly templates: (kind: TemplateKind, take: Take, namespace?: string) => Promise<void>;
  /** Objects of a kind as far as they say what made them. */
  readonly owned: (
    kind: Pick<TemplateKind, "group" | "version" | "resource">,
    take: Take,
    namespace?: string,
  ) => Promise<void>;
  /** Nodes as far as they list their images. */
  readonly nodes: (take: Take) => Promise<void>;
  /** The code of a failure; undefined where it is not the cluster's. */
  readonly codeOf: (error: unknown) => string | undefined;
}
