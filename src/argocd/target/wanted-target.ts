import { isDeepStrictEqual } from "node:util";

import { Fault } from "../../core/index.ts";
import type { Application } from "../application.ts";

type Source = Readonly<Record<string, unknown>>;

/** What an operation says of its sources: asked for by `.operation`, or settled in `syncResult`. */
export interface OperationSources {
  readonly source?: Source | null | undefined;
  readonly sources?: readonly Source[] | null | undefined;
  readonly revision?: string | null | undefined;
  readonly revisions?: readonly string[] | null | undefined;
  readonly manifests?: readonly string[] | null | undefined;
}

/** What has to be read to know a target: manifests that the operation holds itself, or revisions to render. */
export type WantedTarget =
  | { readonly kind: "inline"; readonly manifests: readonly string[] }
  | RenderedTarget;

/** Revisions of an Application's own sources. */
export interface RenderedTarget {
  readonly kind: "render";
  readonly revisions: readonly string[];
  readonly isMulti: boolean;
  /** Those that may move before they are applied. */
  readonly moving: readonly MovingRevision[];
}

/** A branch, a tag or a version range; empty for the newest of whatever is the default. */
export interface MovingRevision {
  readonly revision: string;
  /** The place of its source among the sources. */
  readonly at: number;
  /** Whether the operation names it: Argo CD takes the source's targetRevision otherwise. */
  readonly isNamed: boolean;
  /** Whether it is a tag in a registry, where only a digest does not move. */
  readonly isTag: boolean;
}

/** What the values of its keys mean is the tool's own business, so that nothing in them counts as "the same as absent". */
const OPAQUE: readonly string[] = ["valuesObject", "plugin"];
/** Their presence alone makes Argo CD use that tool, even where they are empty. Source: argo-cd, ApplicationSource.ExplicitType. */
const TOOLS: readonly string[] = ["directory", "helm", "kustomize", "plugin"];
/** Argo CD takes nothing else for a commit: 64 digits are a branch's name to it. Source: argo-cd, util/git, IsCommitSHA. */
const COMMIT = /^[0-9a-f]{40}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/**
 * A chart repository with an index. Argo CD takes an address without a host for a registry, and one with whatever its
 * repository's `enableOCI` says; plugins of Helm read others. Source: argo-cd, util/helm, IsHelmOciRepo.
 */
const INDEXED = /^https?:\/\//i;
const OCI = /^oci:\/\//;
const HAS_HOST = /^[a-z][a-z0-9+.-]*:\/\//i;
const VERSION = /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/**
 * What a sync applies. Argo CD renders an Application's own sources at any revision, but no others: where the operation
 * names sources that differ from the Application's in more than the revision, it cannot be told what would be applied.
 * Throws Fault target/unclear.
 */
export function wantedTarget({ spec }: Pick<Application, "spec">, declared: OperationSources): WantedTarget {
  if (isInline(declared)) return { kind: "inline", manifests: declared.manifests };
  holdToRendered(spec);
  const own = ownSources(spec);
  const isMulti = own === spec.sources;
  holdToShape(isMulti, declared);
  holdToOwn(own, operationSources(declared));
  const named = isMulti ? (declared.revisions ?? []) : [declared.revision ?? ""];
  const revisions = resolvedRevisions(named, operationSources(declared) ?? own);
  if (!declared.sources?.length) holdToReferences(own, revisions);
  if (asksForNewest({ revisions, isMulti }) && !isNewest(spec))
    throw unclear(
      "it takes the newest revision, where Argo CD can only render the targetRevision of the spec; name HEAD",
    );
  const moving = revisions.flatMap((revision, at): MovingRevision[] =>
    isFixed(own[at]!, revision)
      ? []
      : [{ revision, at, isNamed: Boolean(named[at]), isTag: isInRegistry(own[at]!) }],
  );
  return { kind: "render", revisions, isMulti, moving };
}

/** Whether an operation brings its manifests along. */
export function isInline(
  declared: OperationSources,
): declared is OperationSources & { readonly manifests: readonly string[] } {
  return (declared.manifests?.length ?? 0) > 0;
}

/** Whether an operation names sources of its own: one without takes the spec's. */
export function namesSources({ source, sources }: OperationSources): boolean {
  return (sources?.length ?? 0) > 0 || (source !== undefined && source !== null);
}

/** Whether Argo CD is asked for no revision in particular. It renders the `targetRevision` of the spec that it has then. */
export function asksForNewest({
  revisions,
  isMulti,
}: Pick<RenderedTarget, "revisions" | "isMulti">): boolean {
  return !isMulti && revisions[0] === "";
}

/** Whether what Argo CD renders of a spec by itself is the newest revision. */
export function isNewest(spec: Application["spec"]): boolean {
  return ownSources(spec).every(({ targetRevision }) => isEmpty(targetRevision ?? ""));
}

/** What of a spec says how its manifests are rendered, in addition to the revisions, in a form that compares. */
export function renderedParts(spec: Application["spec"]): unknown {
  const { destination, project, sourceHydrator } = spec;
  return [ownSources(spec).map(withoutRevision), ...[destination, project, sourceHydrator].map(essential)];
}

function ownSources({ source, sources }: Application["spec"]): readonly Source[] {
  if (sources?.length) return sources;
  return source ? [source] : [];
}

/** Since 3.4, Argo CD's API renders a hydrator's dry source, while the sync applies the hydrated one. */
function holdToRendered({ sourceHydrator }: Application["spec"]): void {
  if (sourceHydrator !== undefined && sourceHydrator !== null)
    throw unclear(
      "Argo CD renders the dry source of a hydrator's Application, and applies the hydrated one; name the hydrated branch and path in spec.source of an Application without sourceHydrator",
    );
}

/**
 * Argo CD takes `revisions` where sources are said, `revision` where one source is, and reads the spec only where
 * neither is: one must not be judged where it takes the other. Source: argo-cd, controller/sync.go,
 * newSyncOperationResult and SyncAppState.
 */
function holdToShape(isMulti: boolean, { source, sources }: OperationSources): void {
  const saysMany = (sources?.length ?? 0) > 0;
  const saysOne = !saysMany && source !== undefined && source !== null;
  if (isMulti ? saysOne : saysMany)
    throw unclear("it names one source where the Application has a list of them, or a list where it has one");
}

function holdToOwn(own: readonly Source[], declared: readonly Source[] | undefined): void {
  if (own.length === 0) throw unclear("the Application has no source");
  if (declared !== undefined && !isDeepStrictEqual(own.map(withoutRevision), declared.map(withoutRevision)))
    throw unclear("its sources differ from those of the Application's spec in more than the revision");
}

/**
 * Anyone who writes an operation past Argo CD's API server names no revision, as RollingSync and Kargo do: Argo CD
 * takes the targetRevision of the sources then. Source: argo-cd, controller/state.go, CompareAppState and GetRepoObjs.
 */
function resolvedRevisions(named: readonly string[], sources: readonly Source[]): string[] {
  if (named.length > 0 && named.length !== sources.length)
    throw unclear("it names another number of revisions than the Application has sources");
  return sources.map(({ targetRevision }, at) => {
    if (named[at]) return named[at];
    return typeof targetRevision === "string" ? targetRevision : "";
  });
}

/**
 * Where the operation says no sources, older Argo CDs read the files of a source with `ref` at the spec's target revision,
 * whatever revision the operation names. Source: argo-cd, util/argo, GetRefSources.
 */
function holdToReferences(own: readonly Source[], revisions: readonly string[]): void {
  const isElsewhere = (source: Source, at: number): boolean => {
    const revision = revisions[at]!;
    const hasName = typeof source["ref"] === "string" && source["ref"] !== "";
    return hasName && (source["targetRevision"] ?? "") !== revision;
  };
  if (own.some(isElsewhere))
    throw unclear(
      "it says no sources, and one that others refer to is read at the spec's targetRevision; start the sync with the UI, the CLI or auto-sync",
    );
}

/** The sources that an operation names; undefined where it takes the Application's. An empty one is how Go writes none. */
function operationSources({ source, sources }: OperationSources): readonly Source[] | undefined {
  if (sources && sources.length > 0) return sources;
  return source && withoutRevision(source) !== undefined ? [source] : undefined;
}

function withoutRevision(source: Source): unknown {
  return essential({ ...source, targetRevision: undefined });
}

/**
 * Go writes no empty values, people do: they mean the same, except where a tool is handed them as they are, and where they
 * choose the tool.
 */
export function essential(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(essential);
  if (typeof value !== "object" || value === null) return isEmpty(value) ? undefined : value;
  const kept = Object.entries(value).flatMap(([name, each]) => {
    const left = essentialAt(name, each);
    return left === undefined ? [] : [[name, left] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function essentialAt(name: string, value: unknown): unknown {
  if (OPAQUE.includes(name)) return value;
  const left = essential(value);
  const isTool = TOOLS.includes(name) && value !== undefined && value !== null;
  return left === undefined && isTool ? {} : left;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || value === false;
}

/**
 * Whether a revision of a source stays what it is. To a registry, 40 digits are a tag, which can be moved, and so is the
 * version of a chart. Source: argo-cd, pkg/apis/application/v1alpha1, ApplicationSource.IsOCI and IsHelm, in the order in
 * which they are asked.
 */
function isFixed({ repoURL, chart }: Source, revision: string): boolean {
  if (typeof repoURL === "string" && OCI.test(repoURL)) return DIGEST.test(revision);
  if (!isChart({ chart })) return COMMIT.test(revision);
  return typeof repoURL === "string" && INDEXED.test(repoURL) && VERSION.test(revision);
}

/** Helm's address of a registry has no `oci://`, and no host for Go's reader of URLs. */
function isInRegistry({ repoURL, chart }: Source): boolean {
  return (
    typeof repoURL === "string" && (OCI.test(repoURL) || (isChart({ chart }) && !HAS_HOST.test(repoURL)))
  );
}

function isChart({ chart }: Source): boolean {
  return typeof chart === "string" && chart !== "";
}

function unclear(message: string): Fault {
  return new Fault("target/unclear", `what the sync would apply cannot be determined: ${message}`);
}
