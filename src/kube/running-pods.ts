import type { KubeClient } from "./client/client.ts";
import { listAll } from "./client/list-all.ts";
import { resourcePath } from "./client/resource-path.ts";

/** Reading a page keeps everyone else waiting, and a pod may have 100 kB. */
const PAGE = 100;
const CONTAINERS = ["initContainers", "containers", "ephemeralContainers"];
const STATUSES = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];
/** Of a pod that shows one of the kubelet's own files. Source: Kubernetes, well-known annotations. */
const MIRROR = "kubernetes.io/config.mirror";
/** What says which images a pod runs, since when, and with whose pull secrets. */
const PARTS = [
  ...["creationTimestamp", "ownerReferences", "deletionTimestamp"].map((key) => ["metadata", key]),
  ...CONTAINERS.flatMap((list) => ["name", "image"].map((key) => ["spec", list, "*", key])),
  ...["name", "image"].map((key) => ["spec", "volumes", "*", key]),
  ["spec", "serviceAccountName"],
  ["spec", "imagePullSecrets"],
  ["metadata", "annotations", MIRROR],
  ...STATUSES.flatMap((list) =>
    [
      ["name"],
      ["imageID"],
      ["state", "running", "startedAt"],
      ["state", "terminated", "exitCode"],
      ["volumeMounts", "*", "name"],
      ["volumeMounts", "*", "volumeStatus", "image", "imageRef"],
    ].map((path) => ["status", list, "*", ...path]),
  ),
];

/**
 * Hands each pod that has not ended to `take`, as far as it says what it runs, of one namespace or of all, page by page. Rejects with KubeError where any page
 * fails; `take` may have seen some by then.
 */
export async function eachRunningPod(
  client: KubeClient,
  take: (pod: unknown) => void,
  namespace?: string,
): Promise<void> {
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  const path = resourcePath({ resource: "pods", ...(namespace !== undefined && { namespace }) });
  await listAll(client, { path, fieldSelector, page: PAGE, parts: PARTS }, take);
}
