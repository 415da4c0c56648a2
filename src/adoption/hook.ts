import type { Source, Spec } from "./objects.ts";
import { sameRepository, normalRepository } from "./repositories.ts";

/** Name that the shipped forms of the hook have, Job and Pod. */
export const HOOK_NAME = "mc-presync";

/** Where the platform's hook lies. */
export interface Hook {
  /** Address of its repository, as Argo CD knows it. */
  readonly repo: string;
  /** Folder of the hook in it. */
  readonly path: string;
  /** Folder of the kustomize component in it. */
  readonly component: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

/** How an Application names the hook. */
export interface Naming {
  readonly by: "source" | "component";
  /** Which of its sources, from 0. */
  readonly at: number;
  /** Why it may not count all the same: one clause. */
  readonly doubt?: string;
}

/** The sources of an Application. `sources`, where there are any, wins over `source`. */
export function sourcesOf({ source, sources }: Pick<Spec, "source" | "sources">): readonly Source[] {
  if (sources && sources.length > 0) return sources;
  return source ? [source] : [];
}

/** The source of the hook. */
export function hookSource({ repo, path, revision }: Hook): Readonly<Record<string, string>> {
  return { repoURL: repo, path, targetRevision: revision };
}

/** The component of the hook, as kustomize addresses a folder of a repository. */
export function componentUrl({ repo, component, revision }: Hook): string {
  return `${repo}//${component}?ref=${revision}`;
}

/** How sources name the hook, at whichever revision; undefined where they do not. */
export function namingOf(sources: readonly Source[], hook: Hook): Naming | undefined {
  const at = sources.findIndex((source) => isHookSource(source, hook));
  if (at >= 0) {
    const doubt = "it is not the last source: one behind it may replace the hook";
    return { by: "source", at, ...(at < sources.length - 1 && { doubt }) };
  }
  const index = sources.findIndex((source) => componentsOf(source).some((text) => isComponent(text, hook)));
  if (index < 0) return undefined;
  const doubt = "ignoreMissingComponents leaves out components that are no folder of its own repository";
  return { by: "component", at: index, ...(ignoresMissing(sources[index]!) && { doubt }) };
}

/** What the Application says of kustomize for a source. */
export function kustomizeOf({ kustomize }: Source): Source | undefined {
  return typeof kustomize === "object" && kustomize !== null && !Array.isArray(kustomize)
    ? (kustomize as Source)
    : undefined;
}

/** Whether components that are no local folder are left out. Source: argo-cd, util/kustomize/kustomize.go. */
export function ignoresMissing(source: Source): boolean {
  return kustomizeOf(source)?.["ignoreMissingComponents"] === true;
}

function isHookSource({ repoURL, path }: Source, hook: Hook): boolean {
  if (typeof repoURL !== "string" || typeof path !== "string") return false;
  return sameRepository(repoURL, hook.repo) && normalPath(path) === normalPath(hook.path);
}

function componentsOf(source: Source): string[] {
  const components: unknown = kustomizeOf(source)?.["components"];
  return Array.isArray(components) ? components.filter((each) => typeof each === "string") : [];
}

/** `REPOSITORY//FOLDER?ref=REVISION`; the double slash may be a single one where the host is well known. */
function isComponent(text: string, hook: Hook): boolean {
  return plainAddress(text) === plainAddress(`${hook.repo}//${hook.component}`);
}

function plainAddress(text: string): string {
  const [address = ""] = text.split("?");
  const at = address.lastIndexOf("//");
  const split = at > 0 && address[at - 1] !== ":";
  const [repo, folder] = split ? [address.slice(0, at), address.slice(at + 2)] : [address, ""];
  const whole = `${normalRepository(repo)}/${normalPath(folder).toLowerCase()}`;
  return whole.replace(/^https?:\/\//, "").replace(/\/\.?$/, "");
}

function normalPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 ? "." : parts.join("/");
}
