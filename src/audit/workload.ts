import { z } from "zod";

import { asFault, type Fault, type Subject } from "../core/index.ts";
import { podImages, type WorkloadPath } from "../workloads/index.ts";

const Owner = z.object({
  apiVersion: z.string().catch(""),
  kind: z.string(),
  name: z.string(),
  controller: z.boolean().nullish(),
});
const Metadata = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    deletionTimestamp: z.string().nullish(),
    ownerReferences: z.array(Owner).nullish(),
  }),
});

/** An object by its kind and name. */
export interface ObjectName {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** An object with a pod spec, as the webhook would read it. */
export interface Workload extends ObjectName {
  readonly namespace: string;
  /** What made it. */
  readonly controller?: ObjectName;
  readonly isDeleted: boolean;
  /** The images that it names, or why they cannot be read: the webhook refuses that. */
  readonly images: readonly Subject[] | Pick<Fault, "code" | "message">;
  /** What is left to its pods. */
  readonly notes: readonly string[];
}

/** Reads an object of a kind. Throws ZodError where it has no name. */
export function readWorkload(value: unknown, row: WorkloadPath): Workload {
  const { name, namespace, deletionTimestamp, ownerReferences } = Metadata.parse(value).metadata;
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  const about = {
    group: row.group,
    kind: row.kind,
    namespace,
    name,
    isDeleted: (deletionTimestamp ?? "") !== "",
    ...(owner !== undefined && { controller: { ...owner, group: groupOf(owner.apiVersion) } }),
  };
  try {
    const { subjects, notes } = podImages(value, row);
    return { ...about, images: subjects.map(({ image, place }) => ({ image, place })), notes };
  } catch (error) {
    const { code, message } = asFault(error);
    return { ...about, images: { code, message }, notes: [] };
  }
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}
