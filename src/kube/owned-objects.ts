import type { KubeClient } from "./client/client.ts";
import { listAll, METADATA_ONLY } from "./client/list-all.ts";
import { type Resource, resourcePath } from "./client/resource-path.ts";

const NODES_AT_ONCE = 50;

/** Hands each object of a kind, of one namespace or of all, to `take`, as far as it says what made it. Rejects with KubeError. */
export async function eachOwned(
  client: KubeClient,
  { group, version, resource }: Required<Pick<Resource, "group" | "version" | "resource">>,
  take: (object: unknown) => void,
  namespace?: string,
): Promise<void> {
  const path = resourcePath({ group, version, resource, ...(namespace !== undefined && { namespace }) });
  const parts = [
    ["metadata", "ownerReferences"],
    ["metadata", "deletionTimestamp"],
  ];
  await listAll(client, { path, accept: METADATA_ONLY, parts }, take);
}

/** Hands each node to `take`, as far as it lists its images. Rejects with KubeError. */
export async function eachNode(client: KubeClient, take: (node: unknown) => void): Promise<void> {
  const parts = [["status", "images", "*", "names"]];
  await listAll(client, { path: resourcePath({ resource: "nodes" }), page: NODES_AT_ONCE, parts }, take);
}
