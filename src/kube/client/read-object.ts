import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";
import { type Resource, resourcePath } from "./resource-path.ts";

const DEADLINE_MS = 5000;

/** The object; undefined where there is none (404). Rejects with KubeError otherwise, after 5 seconds at the latest. */
export async function readObject(client: KubeClient, resource: Resource): Promise<unknown> {
  try {
    return await client.call({ path: resourcePath(resource), deadlineMs: DEADLINE_MS });
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}
