import { z } from "zod";

import { TextMap } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { METADATA_ONLY } from "./client/list-all.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";

const DEADLINE_MS = 5000;

const Owner = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().default(false),
});
const HookObject = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: TextMap.nullish(),
    labels: TextMap.nullish(),
    ownerReferences: z.array(Owner).nullish(),
  }),
});

/** The metadata of a Pod or a Job. */
export type HookMetadata = z.infer<typeof HookObject>["metadata"];

/** Which Pod or Job. */
export interface HookName {
  readonly kind: "Pod" | "Job";
  readonly namespace: string;
  readonly name: string;
}

/** Reads the metadata of Pods and Jobs, and nothing else of them; undefined where there is none. Rejects with KubeError. */
export function createHookReader(client: KubeClient): (name: HookName) => Promise<HookMetadata | undefined> {
  return async ({ kind, namespace, name }) => {
    const type = kind === "Pod" ? { resource: "pods" } : { group: "batch", resource: "jobs" };
    try {
      const path = resourcePath({ ...type, namespace, name });
      const answer = await client.call({ path, accept: METADATA_ONLY.object, deadlineMs: DEADLINE_MS });
      return readAnswer(HookObject, kind, answer).metadata;
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  };
}
