import { z } from "zod";

import type { KubeObject } from "../../workloads/index.ts";
import type { SyncOperation } from "../application.ts";
import type { Target } from "./read-target.ts";

/** What an operation names an object of a target by. */
export interface ObjectIdentity extends Pick<KubeObject, "group" | "kind" | "name" | "namespace"> {
  readonly isHook: boolean;
}

const HOOKS = ["argocd.argoproj.io/hook", "helm.sh/hook"];
const Annotated = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.unknown()) }) });

/** The identity of an object; nothing else of it is kept. */
export function identityOf({ group, kind, name, namespace, value }: KubeObject): ObjectIdentity {
  const annotations = Annotated.safeParse(value).data?.metadata.annotations ?? {};
  const isHook = HOOKS.some((each) => Object.hasOwn(annotations, each));
  return { group, kind, name, ...(namespace !== undefined && { namespace }), isHook };
}

/**
 * The part of a target that a selective sync applies, or more: hooks, since some run all the same, and objects whose name
 * or namespace is settled later count always. Source: argo-cd, controller/sync.go, WithResourcesFilter; SyncOperationResource,
 * HasIdentity.
 */
export function selectedTarget(target: Target, resources: SyncOperation["resources"]): Target {
  if (!resources || resources.length === 0) return target;
  const named = new Set(resources.flatMap(keysOf));
  const isSelected = (owner: ObjectIdentity): boolean => {
    if (owner.isHook || owner.name === "") return true;
    // An empty group or namespace of a resource represents all.
    const places = owner.namespace === undefined ? [ANYWHERE] : [owner.namespace, ""];
    return [owner.group, ""].some((group) =>
      places.some((place) => named.has(keyOf({ ...owner, group }, place))),
    );
  };
  const groups = target.groups.map((group) => ({
    ...group,
    subjects: group.subjects.filter(({ owner }) => isSelected(owner)),
  }));
  return { ...target, groups };
}

/** The namespace of an object that says none: it may be any. */
const ANYWHERE = "*";

function keysOf(resource: NonNullable<SyncOperation["resources"]>[number]): string[] {
  const { kind, name, group, namespace } = resource;
  const object = { kind, name, group: group ?? "" };
  return [keyOf(object, namespace ?? ""), keyOf(object, ANYWHERE)];
}

function keyOf(
  { group, kind, name }: Pick<ObjectIdentity, "group" | "kind" | "name">,
  place: string,
): string {
  return JSON.stringify([group, kind, name, place]);
}
