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
}

/** Of a pod spec, what names images and pull secrets. */
const SPEC = [
  ...["initContainers", "containers", "ephemeralContainers", "volumes"].flatMap((list) =>
    ["name", "image"].map((key) => [list, "*", key]),
  ),
  ["serviceAccountName"],
  ["imagePullSecrets"],
];

/**
 * Hands each object of a kind in all namespaces to `take`, as far as it names images. A cluster that does not have the kind has
 * none. Rejects with KubeError where any page fails; `take` may have seen some by then.
 */
export async function eachTemplate(
  client: KubeClient,
  { group, version, resource, path: toSpec }: TemplateResource,
  take: (object: unknown) => void,
): Promise<void> {
  const path = resourcePath({ group, version, resource });
  const parts = SPEC.map((part) => [...toSpec, ...part]);
  try {
    await listAll(client, { path, page: PAGE, parts }, take);
  } catch (error) {
    const isAbsent = group !== "" && error instanceof KubeError && error.status === 404;
    if (!isAbsent) throw error;
  }
}
