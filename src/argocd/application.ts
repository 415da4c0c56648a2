import { z } from "zod";

import { Fault, printable, TextMap, ValueMap } from "../core/index.ts";

const MAX_SOURCES = 100;
const Sources = z.array(ValueMap).max(MAX_SOURCES).nullish();
const Revisions = z.array(z.string().max(1000)).max(MAX_SOURCES).nullish();
const Revision = z.string().max(1000).nullish();

/** Source: argo-cd, pkg/apis/application/v1alpha1, SyncOperationResource. */
const SyncResource = z.object({
  group: z.string().nullish(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().nullish(),
});
/** What a sync was asked to do. Source: argo-cd, pkg/apis/application/v1alpha1, SyncOperation. */
const Sync = z.object({
  revision: Revision,
  revisions: Revisions,
  source: ValueMap.nullish(),
  sources: Sources,
  /** Of `argocd app sync --local`. */
  manifests: z.array(z.string()).nullish(),
  /** The only ones that are synced, where there are any. */
  resources: z.array(SyncResource).nullish(),
  dryRun: z.boolean().nullish(),
});
const Operation = z.object({
  sync: Sync.nullish(),
  /** With `refresh`, a retry drops the revisions, and takes the newest. Source: argo-cd, controller/appcontroller.go. */
  retry: z.object({ refresh: z.boolean().nullish() }).nullish(),
  initiatedBy: z.object({ username: z.string().nullish(), automated: z.boolean().nullish() }).nullish(),
});
const Result = z.object({
  group: z.string().nullish(),
  kind: z.string(),
  namespace: z.string().nullish(),
  name: z.string(),
  hookType: z.string().nullish(),
  hookPhase: z.string().nullish(),
});
const OperationState = z.object({
  phase: z.string(),
  operation: Operation,
  finishedAt: z.string().nullish(),
  syncResult: z
    .object({
      revision: Revision,
      revisions: Revisions,
      source: ValueMap.nullish(),
      sources: Sources,
      resources: z.array(Result).nullish(),
    })
    .nullish(),
});

export const Destination = z.object({
  server: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
});
/** The part of a sync policy that says which labels Argo CD gives to the destination's namespace. */
export const NamespaceLabels = z
  .object({
    managedNamespaceMetadata: z.object({ labels: TextMap.nullish() }).nullish(),
  })
  .nullish();

/** What the gate reads of an Application. */
export const Application = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string().optional(),
    /** Counts every change but those of the metadata: the definition has no subresource for the status. */
    generation: z.int().optional(),
  }),
  spec: z.object({
    project: z.string().nullish(),
    source: ValueMap.nullish(),
    sources: Sources,
    sourceHydrator: z
      .object({ drySource: z.object({ repoURL: z.string() }), syncSource: z.object({ path: z.string() }) })
      .nullish(),
    destination: Destination,
    syncPolicy: NamespaceLabels,
  }),
  operation: Operation.nullish(),
  status: z
    .object({
      operationState: OperationState.nullish(),
      sync: z.object({ status: z.string(), revision: Revision, revisions: Revisions }).partial().nullish(),
    })
    .nullish(),
});
export type Application = z.infer<typeof Application>;
/** How far an operation is. Source: argo-cd, pkg/apis/application/v1alpha1, OperationState. */
export type OperationState = z.infer<typeof OperationState>;
/** What a sync was asked to do. */
export type SyncOperation = z.infer<typeof Sync>;

/** Who started an operation, for the log. */
export function initiatorOf({ initiatedBy }: z.infer<typeof Operation>): string {
  return initiatedBy?.automated === true ? "automated" : printable(initiatedBy?.username ?? "", 120);
}

/** Reads an Application. Throws Fault target/unclear where it is none. */
export function readApplication(value: unknown): Application {
  const parsed = Application.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = printable(parsed.error.issues[0]!.path.join("."), 120);
  throw new Fault("target/unclear", `the Application cannot be read at ${path || "its top"}`);
}
