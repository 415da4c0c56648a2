import { KubeError } from "./kube-error.ts";

/** RFC 1123 subdomain, what Kubernetes allows as a name of these objects: no slash, no dot at either end. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** A kind of objects, or one of them. */
export interface Resource {
  /** Empty for the core group. */
  readonly group?: string;
  /** `v1` where absent. */
  readonly version?: string;
  /** Plural and in lower case: `configmaps`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/**
 * The path of a resource in the API server. Names come from pods that anyone may write, and would lead to another
 * namespace by `../`: one that is not a Kubernetes name throws KubeError.
 */
export function resourcePath({ group = "", version = "v1", resource, namespace, name }: Resource): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const inside = namespace === undefined ? "" : `/namespaces/${checked(namespace)}`;
  return `${root}${inside}/${resource}${name === undefined ? "" : `/${checked(name)}`}`;
}

/** Whether an object can have this name: none does that Kubernetes does not allow. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

function checked(name: string): string {
  if (!isName(name)) throw new KubeError("a name is not one that Kubernetes allows");
  return name;
}
