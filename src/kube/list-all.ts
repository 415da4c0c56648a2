import { z } from "zod";

import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";
import type { Listed } from "./object-store.ts";

const PAGE = "500";
const MOST_PAGES = 200;

const List = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});

/** The objects to list and to watch. */
export interface ListSource {
  readonly path: string;
  /** `metadata.name=x` makes the right to one object enough, where the right names it. */
  readonly fieldSelector?: string;
  /** Media types of a list and of an object in a watch, for a view of part of them. */
  readonly accept?: { readonly list: string; readonly object: string };
}

/** Metadata alone: the rest of an object is neither sent nor kept (Kubernetes API concepts, "Metadata-only fetches"). */
export const METADATA_ONLY = {
  list: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  object: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
} as const;

/** The part of a query that says which objects. */
export function sourceQuery({ fieldSelector }: ListSource): Record<string, string> {
  return fieldSelector === undefined ? {} : { fieldSelector };
}

/** All objects of a source, 500 at a time, at most 100,000. Throws KubeError where any page fails: half a list is none. */
export async function listAll(client: KubeClient, source: ListSource): Promise<Listed> {
  const items: unknown[] = [];
  let next = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.call({
      path: source.path,
      query: { ...sourceQuery(source), limit: PAGE, ...(next !== "" && { continue: next }) },
      ...(source.accept !== undefined && { accept: source.accept.list }),
    });
    const list = List.safeParse(answer);
    if (!list.success) throw new KubeError(`GET ${source.path}: the answer is no list`);
    items.push(...(list.data.items ?? []));
    next = list.data.metadata.continue ?? "";
    if (next === "") return { items, version: list.data.metadata.resourceVersion };
  }
  throw new KubeError(`GET ${source.path}: more than ${MOST_PAGES} pages`);
}
