import { createHash } from "node:crypto";

import type { Source, Spec } from "./objects.ts";
import { normalRepository, sameRepository, seemSameRepository } from "./repositories.ts";

const HOOK_NAME = "mc-presync";
const MAX_NAME = 63;

/** Where the platform's hook lies. */
export interface Hook {
  /** Address of its repository, as Argo CD knows it. */
  readonly repo: string;
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
  /** Whether the doubt is that the hook is not there at all. */
  readonly isUnsure?: boolean;
}

/** Whether a name is one that the shipped forms of the hook have, with what the Application or kustomize puts around it. */
export function isHookName(name: string): boolean {
  return `-${name}-`.includes(`-${HOOK_NAME}-`);
}

/** The hook's name for an Application: that of deploy/argocd/hook, which a label can hold. A template's stays one. */
function hookNameOf(application: string): string {
  const name = `${application}-${HOOK_NAME}`;
  if (application.includes("{{") || name.length <= MAX_NAME) return name;
  const digest = createHash("sha256").update(application).digest("hex").slice(0, 8);
  const start = application.slice(0, MAX_NAME - HOOK_NAME.length - digest.length - 2);
  return `${start.replace(/[-.]+$/, "")}-${digest}-${HOOK_NAME}`;
}

/** The sources of an Application. `sources`, where there are any, wins over `source`. */
export function sourcesOf({ source, sources }: Pick<Spec, "source" | "sources">): readonly Source[] {
  if (sources && sources.length > 0) return sources;
  return source ? [source] : [];
}

export function hookSource({ repo, path, revision }: Hook): Readonly<Record<string, string>> {
  return { repoURL: repo, path, targetRevision: revision };
}

/** A patch of kustomize by which the hook of a component gets its own name. */
export function renamingPatch(application: string): Readonly<Record<string, unknown>> {
  const operation = { op: "replace", path: "/metadata/name", value: hookNameOf(application) };
  return {
    target: { kind: "Job", name: HOOK_NAME },
    options: { allowNameChange: true },
    patch: JSON.stringify([operation]),
  };
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
  const other = sources.findIndex((source) => seemsHookSource(source, hook));
  if (other >= 0) {
    const address = `${hook.repo} and the address of its source are two repositories to Argo CD`;
    const doubt = `${address}; name the hook's by --repo as the Application does, or the other way round`;
    return { by: "source", at: other, doubt, isUnsure: true };
  }
  const index = sources.findIndex((source) => componentsOf(source).some((text) => isComponent(text, hook)));
  if (index < 0) return undefined;
  const doubt =
    "ignoreMissingComponents leaves out components that are not in a folder of the same repository";
  return { by: "component", at: index, ...(ignoresMissing(sources[index]!) && { doubt, isUnsure: true }) };
}

/** What the Application says of kustomize for a source. */
export function kustomizeOf({ kustomize }: Source): Source | undefined {
  return typeof kustomize === "object" && kustomize !== null && !Array.isArray(kustomize)
    ? (kustomize as Source)
    : undefined;
}

/** Whether components that are not local folders are left out. Source: argo-cd, util/kustomize/kustomize.go. */
export function ignoresMissing(source: Source): boolean {
  return kustomizeOf(source)?.["ignoreMissingComponents"] === true;
}

function isHookSource(source: Source, hook: Hook): boolean {
  return isHookFolder(source, hook) && sameRepository(source["repoURL"] as string, hook.repo);
}

function seemsHookSource(source: Source, hook: Hook): boolean {
  return isHookFolder(source, hook) && seemSameRepository(source["repoURL"] as string, hook.repo);
}

function isHookFolder({ repoURL, path }: Source, hook: Hook): boolean {
  if (typeof repoURL !== "string" || typeof path !== "string") return false;
  return normalPath(path) === normalPath(hook.path);
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
