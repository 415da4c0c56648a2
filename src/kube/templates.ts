import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { listAll } from "./client/list-all.ts";
import { resourcePath } from "./client/resource-path.ts";

const PAGE = 100;

/** A kind whose objects hold a pod template. */
export interface TemplateResource {
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
  readonly kind: string;
  /** Keys from an object's top to the pod spec. */
  readonly path: readonly string[];
  /** Keys to the workload whose template it takes, where it has none. */
  readonly reference?: readonly string[];
}

/** Of a pod spec, what names images and pull secrets. */
const SPEC = [
  ...["initContainers", "containers", "ephemeralContainers", "volumes"].flatMap((list) =>
    ["name", "image"].map((key) => [list, "*", key]),
  ),
  ["serviceAccountName"],
  ["imagePullSecrets"],
];

/** Whose object it is, and whether it is on its way out. */
const ABOUT = [
  ["metadata", "ownerReferences"],
  ["metadata", "deletionTimestamp"],
];

/**
 * Hands each object of a kind, of one namespace or of all, to `take`, as far as it names images and its owners. A cluster that does not have the kind has
 * none. Rejects with KubeError where any page fails; `take` may have seen some by then.
 */
export async function eachTemplate(
  client: KubeClient,
  { group, version, resource, path: toSpec, reference }: TemplateResource,
  take: (object: unknown) => void,
  namespace?: string,
): Promise<void> {
  const path = resourcePath({ group, version, resource, ...(namespace !== undefined && { namespace }) });
  const referred = reference === undefined ? [] : [reference];
  const parts = [...SPEC.map((part) => [...toSpec, ...part]), ...ABOUT, ...referred];
  try {
    await listAll(client, { path, page: PAGE, parts }, take);
  } catch (error) {
    const isAbsent = group !== "" && error instanceof KubeError && error.status === 404;
    if (!isAbsent) throw error;
  }
}
