import { expect } from "vitest";

import {
  type Found,
  readArgoObject,
  type Candidate,
  survey,
  type SurveyOptions,
  type Strategy,
} from "../../src/argocd/index.ts";

/** Where the hook lies. */
export const HOOK = {
  repo: "https://git.example.com/platform/mc-presync",
  path: "hook",
  component: "component",
  revision: "v1",
};
/** The source of the platform's hook. */
export const HOOK_SOURCE = { repoURL: HOOK.repo, path: "hook", targetRevision: "v1" };
/** The component of the platform's hook. */
export const COMPONENT = `${HOOK.repo}//component?ref=v1`;
/** The patch of kustomize that names the component's hook in the Application `shop`. */
export const RENAMING = {
  target: { kind: "Job", name: "mc-presync" },
  options: { allowNameChange: true },
  patch: '[{"op":"replace","path":"/metadata/name","value":"shop-mc-presync"}]',
};
/** A source of a team's. */
export const TEAM = { repoURL: "https://git.example.com/shop/deploy", path: "production" };
/** The hook in the list of what was synced. */
export const RAN = { group: "batch", kind: "Job", name: "mc-presync", hookType: "PreSync" };
/** A workload in that list. */
export const DEPLOYED = { group: "apps", kind: "Deployment", name: "web" };

/** An object, or a part of one. */
export type Parts = Readonly<Record<string, unknown>>;

/** What the API server requires of a spec besides its sources. */
const REQUIRED = { project: "shop", destination: { name: "in-cluster", namespace: "shop" } };

/** An Application as it is kept in a file. */
export function application(spec: Parts, parts: Parts = {}, metadata: Parts = {}): Parts {
  const named = { name: "shop", namespace: "argocd", ...metadata };
  const whole = { ...REQUIRED, ...spec };
  return { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: named, spec: whole, ...parts };
}

/** An Application as a cluster gives it. */
export function live(spec: Parts, parts: Parts = {}, metadata: Parts = {}): Parts {
  return application(spec, parts, { uid: "1", ...metadata });
}

/** An ApplicationSet as it is kept in a file. */
export function set(
  { template, ...spec }: Parts & { readonly template: { readonly spec: Parts } },
  name = "teams",
): Parts {
  const whole = { metadata: { name: "{{ .team }}" }, spec: { ...REQUIRED, ...template.spec } };
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "ApplicationSet",
    metadata: { name, namespace: "argocd" },
    spec: { ...spec, template: whole },
  };
}

function madeBy(name: string): Parts {
  return { ownerReferences: [{ kind: "ApplicationSet", name }] };
}

/** An Application that the ApplicationSet `teams` made. */
export function child(name: string, spec: Parts, parts: Parts = {}): Parts {
  return live(spec, parts, { name, ...madeBy("teams") });
}

/** The AppProject `shop`. */
export function project(...sourceRepos: readonly string[]): Parts {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AppProject",
    metadata: { name: "shop" },
    spec: { sourceRepos },
  };
}

/** A last sync: whole and with hooks, unless told otherwise. */
export function synced(
  resources: readonly unknown[],
  { sync = {}, phase = "Succeeded", ...result }: Parts = {},
): Parts {
  return { status: { operationState: { phase, operation: { sync }, syncResult: { resources, ...result } } } };
}

/** What is found about objects. Throws where one of them cannot be read. */
export function surveyOf(
  objects: readonly Parts[],
  way: Strategy = "sources",
  exempt: readonly string[] = [],
  more: Partial<Pick<SurveyOptions, "layer" | "clusters">> = {},
) {
  const found = objects.map((value): Found<Parts> => {
    const read = readArgoObject(value);
    if (!read?.ok) throw new Error(read?.message ?? "none of Argo CD's");
    return { object: read.object, place: value };
  });
  return survey(found, {
    hook: HOOK,
    way,
    namespace: "argocd",
    exempt,
    layer: "hook",
    movingRevisions: "refuse",
    clusters: [],
    ...more,
  });
}

/** The only subject of objects. */
export function only(...objects: readonly Parts[]): Candidate<Parts> {
  const { subjects } = surveyOf(objects);
  expect(subjects).toHaveLength(1);
  return subjects[0]!;
}
