import type { KubeClient } from "./client/client.ts";
import { listAll } from "./client/list-all.ts";
import { resourcePath } from "./client/resource-path.ts";

/** Reading a page keeps everybody else waiting, and a pod may have 100 kB. */
const PAGE = 100;

/**
 * Hands each pod that has not ended to `take`, of one namespace or of all, page by page. Rejects with KubeError where any page
 * fails; `take` may have seen some by then.
 */
export async function eachRunningPod(
  client: KubeClient,
  take: (pod: unknown) => void,
  namespace?: string,
): Promise<void> {
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  const path = resourcePath({ resource: "pods", ...(namespace !== undefined && { namespace }) });
  await listAll(client, { path, fieldSelector, page: PAGE }, take);
}
