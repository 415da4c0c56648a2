import { z } from "zod";

import { printable } from "../../core/index.ts";

const MAX_SOURCES = 100;
const DEEPEST = 64;
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** A source of an Application, as it is written. */
export type Source = Readonly<Record<string, unknown>>;

const Source = z.custom<Source>(isMap, "Must be a map.");
const Sources = z.array(Source).max(MAX_SOURCES).nullish();
const Name = z.string().regex(NAME, "Must be the name of an object.");
const Project = z.string().max(300).nullish();

const Spec = z.object({
  project: Project,
  source: Source.nullish(),
  sources: Sources,
  sourceHydrator: z.unknown().optional(),
  destination: Source.nullish(),
  ignoreDifferences: z.unknown().optional(),
  syncPolicy: z.unknown().optional(),
});
const Metadata = z.object({
  name: Name,
  namespace: Name.optional(),
  uid: z.string().optional(),
  annotations: z.record(z.string(), z.unknown()).nullish(),
  ownerReferences: z.array(z.object({ kind: z.string(), name: Name })).nullish(),
});
const Result = z.object({
  group: z.string().nullish(),
  kind: z.string(),
  name: z.string(),
  hookType: z.string().nullish(),
});
/** What is read of a finished or running operation. Source: argo-cd, pkg/apis/application/v1alpha1, OperationState. */
const OperationState = z.object({
  phase: z.string(),
  operation: z.object({
    sync: z
      .object({
        dryRun: z.boolean().nullish(),
        resources: z.array(z.unknown()).nullish(),
        manifests: z.array(z.unknown()).nullish(),
        syncStrategy: z.object({ apply: z.unknown().optional() }).nullish(),
      })
      .nullish(),
  }),
  syncResult: z
    .object({ source: Source.nullish(), sources: Sources, resources: z.array(Result).nullish() })
    .nullish(),
});
const Status = z.object({
  resources: z.array(z.object({ group: z.string().nullish() })).nullish(),
  sourceType: z.string().nullish(),
  sourceTypes: z.array(z.string()).nullish(),
  operationState: OperationState.nullish(),
});

const Application = z.object({
  kind: z.literal("Application"),
  metadata: Metadata,
  spec: Spec.nullish().transform((spec) => spec ?? {}),
  status: Status.nullish(),
});
const ApplicationSet = z.object({
  kind: z.literal("ApplicationSet"),
  metadata: Metadata,
  spec: z
    .object({
      generators: z.array(z.unknown()).nullish(),
      template: z
        .object({
          metadata: z.object({ name: z.string().max(1000).nullish() }).nullish(),
          spec: Spec.nullish().transform((spec) => spec ?? {}),
        })
        .nullish()
        .transform((template) => ({ name: template?.metadata?.name ?? "", spec: template?.spec ?? {} })),
      templatePatch: z.string().nullish(),
      ignoreApplicationDifferences: z.unknown().optional(),
    })
    .nullish()
    .transform((spec) => spec ?? { template: { name: "", spec: {} } }),
});
const Kinds = z
  .array(z.object({ group: z.string(), kind: z.string() }))
  .max(10_000)
  .nullish();
const AppProject = z.object({
  kind: z.literal("AppProject"),
  metadata: z.object({ name: Name }),
  spec: z.object({
    sourceRepos: z.array(z.string().max(2000)).max(10_000).nullish(),
    namespaceResourceWhitelist: Kinds,
    namespaceResourceBlacklist: Kinds,
    signatureKeys: z.array(z.unknown()).nullish(),
    sourceIntegrity: z.unknown().optional(),
  }),
});
const OBJECTS = { Application, ApplicationSet, AppProject };

/** What says where manifests come from, in an Application or in the template of an ApplicationSet. */
export type Spec = z.infer<typeof Spec>;
/** How the last sync went. */
export type OperationState = z.infer<typeof OperationState>;
/** An Application, as far as it matters here. */
export type Application = z.infer<typeof Application>;
/** An ApplicationSet, as far as it matters here. */
export type ApplicationSet = z.infer<typeof ApplicationSet>;
/** An AppProject, as far as it matters here. */
export type AppProject = z.infer<typeof AppProject>;

/**
 * Whether a spec is a part of one that lies elsewhere, such as a patch of kustomize: it lacks what the API server requires.
 * Source: argo-cd, manifests/crds.
 */
function isPart({ project, destination, source, sources }: Spec): boolean {
  const all = [...(source ? [source] : []), ...(sources ?? [])];
  return project == null || destination == null || all.some(({ repoURL }) => typeof repoURL !== "string");
}

/** The spec that says where the manifests of an Application come from, or of those that a template makes. */
export function specOf(object: Application | ApplicationSet): Spec {
  return object.kind === "Application" ? object.spec : object.spec.template.spec;
}

/** Whether an object is a part of one. */
export function isPartial(object: Application | ApplicationSet): boolean {
  return isPart(specOf(object));
}

/** Whether an object says anything of sources. */
export function hasSources(object: Application | ApplicationSet): boolean {
  const { source, sources } = specOf(object);
  return source != null || sources != null;
}

/** An object of Argo CD's, or why it cannot be read: one sentence, and where in it. */
export type ReadObject =
  | { readonly ok: true; readonly object: Application | ApplicationSet | AppProject }
  | { readonly ok: false; readonly path: string; readonly message: string };

/** Reads an Application, ApplicationSet or AppProject; undefined where it is something else. Values stay as they are written. */
export function readArgoObject(value: unknown): ReadObject | undefined {
  const schema = schemaOf(value);
  if (schema === undefined) return undefined;
  if (isDeep(value)) return { ok: false, path: "", message: `Nested deeper than ${DEEPEST}.` };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, object: parsed.data };
  const { path, message } = parsed.error.issues[0]!;
  return { ok: false, path: printable(path.join("."), 120), message: printable(message, 200) };
}

function schemaOf(value: unknown): (typeof OBJECTS)[keyof typeof OBJECTS] | undefined {
  if (!isMap(value)) return undefined;
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== "string" || !apiVersion.startsWith("argoproj.io/")) return undefined;
  return typeof kind === "string" && Object.hasOwn(OBJECTS, kind)
    ? OBJECTS[kind as keyof typeof OBJECTS]
    : undefined;
}

function isMap(value: unknown): value is Source {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON from a cluster may nest as it likes; anyone who writes it out again would recurse. */
function isDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= DEEPEST; depth += 1) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}
