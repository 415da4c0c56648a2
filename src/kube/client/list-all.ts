import { z } from "zod";

import type { PartPath } from "../../core/index.ts";
import type { KubeClient } from "./client.ts";
import { KubeError } from "./kube-error.ts";

const PAGE = 500;
const MAX_OBJECTS = 100_000;

const List = z.object({
  metadata: z.object({
    resourceVersion: z.string().min(1),
    continue: z.string().optional(),
    remainingItemCount: z.number().optional(),
  }),
  items: z.array(z.unknown()).nullable(),
});

/** The objects to list and to watch. */
export interface ListSource {
  readonly path: string;
  /** `metadata.name=x` makes the right to one object enough, where the right names it. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Media types of a list and of an object in a watch, for a view of part of them. */
  readonly accept?: { readonly list: string; readonly object: string };
  /** Objects in one answer; 500 where absent. Large objects need fewer, since an answer has 32 MiB at most. */
  readonly page?: number;
  /** Parts of an object that are read, in addition to its name and version; all of it where absent. */
  readonly parts?: readonly PartPath[];
}

/** What says which object one is, and as of when. */
const IDENTITY: readonly PartPath[] = ["name", "namespace", "resourceVersion"].map((key) => [
  "metadata",
  key,
]);

/** Metadata alone: the rest of an object is neither sent nor kept (Kubernetes API concepts, "Metadata-only fetches"). */
export const METADATA_ONLY = {
  list: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  object: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
} as const;

/** The part of a query that says which objects. */
export function sourceQuery({ fieldSelector, labelSelector }: ListSource): Record<string, string> {
  return {
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...(labelSelector !== undefined && { labelSelector }),
  };
}

/** The parts of a source's objects where these are below `place`, and what else is read; undefined where all is. */
export function partsWithin(
  { parts }: ListSource,
  place: PartPath,
  others: readonly PartPath[],
): readonly PartPath[] | undefined {
  if (parts === undefined) return undefined;
  return [...others, ...[...IDENTITY, ...parts].map((part) => [...place, ...part])];
}

/**
 * Hands all objects of a source to `take`, page by page, so that no one need keep them whole; at most 100,000. The
 * version from which a watch continues. Throws KubeError where any page fails: half a list is none.
 */
export async function listAll(
  client: KubeClient,
  source: ListSource,
  take: (item: unknown) => void,
): Promise<string> {
  const { path, accept, page = PAGE } = source;
  const parts = partsWithin(source, ["items", "*"], [["metadata"]]);
  let next = "";
  for (let listed = 0; listed < MAX_OBJECTS; listed += page) {
    const answer = await client.call({
      path,
      query: { ...sourceQuery(source), limit: String(page), ...(next !== "" && { continue: next }) },
      ...(accept !== undefined && { accept: accept.list }),
      ...(parts !== undefined && { parts }),
    });
    const { items, next: token, version } = readPage(answer, path);
    for (const item of items) take(item);
    if (token === "") return version;
    next = token;
  }
  throw new KubeError(`GET ${path}: more than ${MAX_OBJECTS} objects`);
}

interface Page {
  readonly items: readonly unknown[];
  /** Of the next page; empty where this is the last one. */
  readonly next: string;
  readonly version: string;
}

/** Throws KubeError where the answer is not a list, and where it says that more follows and not how to get it. */
function readPage(answer: unknown, path: string): Page {
  const list = List.safeParse(answer);
  if (!list.success) throw new KubeError(`GET ${path}: the answer is not a list`);
  const { continue: next = "", remainingItemCount: left = 0, resourceVersion: version } = list.data.metadata;
  if (next === "" && left > 0)
    throw new KubeError(`GET ${path}: ${left} more objects, but no continue token`);
  return { items: list.data.items ?? [], next, version };
}
