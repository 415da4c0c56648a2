import { printable } from "../../core/index.ts";
import type { Strategy } from "./changes.ts";
import type { Hook } from "./hook.ts";
import type { Application, ApplicationSet, AppProject } from "./objects.ts";

/** What is looked for. */
export interface SurveyOptions {
  readonly hook: Hook;
  readonly way: Strategy;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** `NAMESPACE/NAME` of Applications that need no hook, such as the one that installs the gate. */
  readonly exempt: readonly string[];
  /** What shall ask the gate: the hook, the operation gate, or both. */
  readonly layer: Layer;
  /** Addresses or names, as destinations have them, of other clusters where a gate runs. */
  readonly clusters: readonly string[];
  /** As argocd.operations.movingRevisions of the gate. */
  readonly movingRevisions: "refuse" | "judge";
}

/** What asks the gate before a sync. */
export type Layer = "hook" | "operation" | "both";

export interface Located<T, Place> {
  readonly object: T;
  readonly place: Place;
  /** What changes its sources before it is applied, such as a patch of kustomize: a clause. */
  readonly patchedBy?: string;
}

/** Everything that was read. */
export type Found<Place> = Located<Application | ApplicationSet | AppProject, Place>;

/** What has a namespace here. */
export type Named = Pick<Application | ApplicationSet, "kind" | "metadata">;

const TRACKING_ID = "argocd.argoproj.io/tracking-id";

export function namespaceOf({ metadata }: Named, { namespace }: Pick<SurveyOptions, "namespace">): string {
  return metadata.namespace ?? namespace;
}

/** `NAMESPACE/NAME`. */
export function keyOf(object: Named, options: Pick<SurveyOptions, "namespace">): string {
  return `${namespaceOf(object, options)}/${object.metadata.name}`;
}

/** Whether it needs no hook. */
export function isExempt(object: Named, options: SurveyOptions): boolean {
  return options.exempt.includes(keyOf(object, options));
}

/** Whether it was read from a cluster, which gives each object an id, rather than from what is kept of it. */
export function isLive({ metadata }: Named): boolean {
  return metadata.uid !== undefined;
}

/** The Application that an object was applied for, by the mark that Argo CD puts on what it applies. */
export function appliedFor({ metadata }: Named): string | undefined {
  const mark = metadata.annotations?.[TRACKING_ID];
  return typeof mark === "string" ? printable(mark.split(":")[0]!, 300) : undefined;
}

/** The ApplicationSet that made an Application. */
export function madeBy({ metadata }: Application): string | undefined {
  return metadata.ownerReferences?.find(({ kind }) => kind === "ApplicationSet")?.name;
}

/** The project of an Application, or of those that a template makes. */
export function projectOf(object: Application | ApplicationSet): string {
  const { project } = object.kind === "Application" ? object.spec : object.spec.template.spec;
  return project || "default";
}
