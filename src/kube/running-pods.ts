import type { KubeClient } from "./client.ts";
import { listAll } from "./list-all.ts";
import { resourcePath } from "./resource-path.ts";

/** Reading a page keeps everybody else waiting, and a pod may have 100 kB. */
const PAGE = 100;

/**
 * Hands each pod that has not ended to `take`, all namespaces, page by page. Rejects with KubeError where any page fails;
 * `take` may have seen some by then.
 */
export async function eachRunningPod(client: KubeClient, take: (pod: unknown) => void): Promise<void> {
  const fieldSelector = "status.phase!=Succeeded,status.phase!=Failed";
  await listAll(client, { path: resourcePath({ resource: "pods" }), fieldSelector, page: PAGE }, take);
}
