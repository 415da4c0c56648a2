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
const MAX_CONTAINERS = 1000;
const HookObject = z.object({
  spec: z.object({ containers: z.array(z.object({ name: z.string() })).max(MAX_CONTAINERS) }).optional(),
  status: z.object({ phase: z.string().optional() }).optional(),
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: TextMap.nullish(),
    labels: TextMap.nullish(),
    ownerReferences: z.array(Owner).nullish(),
  }),
});

/** The metadata of a Pod or a Job, and a Pod's phase and the names of its containers. */
export type HookMetadata = z.infer<typeof HookObject>["metadata"] & {
  readonly phase?: string | undefined;
  readonly containers?: readonly string[];
};

/** Which Pod or Job. */
export interface HookName {
  readonly kind: "Pod" | "Job";
  readonly namespace: string;
  readonly name: string;
}

/**
 * Reads the metadata of Pods and Jobs, a Pod's phase and the names of its containers, without those of its init containers,
 * and nothing else of them; undefined where there is none. Rejects with KubeError.
 */
export function createHookReader(client: KubeClient): (name: HookName) => Promise<HookMetadata | undefined> {
  return async ({ kind, namespace, name }) => {
    const type = kind === "Pod" ? { resource: "pods" } : { group: "batch", resource: "jobs" };
    try {
      const path = resourcePath({ ...type, namespace, name });
      const accept = kind === "Job" ? { accept: METADATA_ONLY.object } : {};
      const answer = await client.call({ path, ...accept, deadlineMs: DEADLINE_MS });
      const { metadata, spec, status } = readAnswer(HookObject, kind, answer);
      const { phase } = status ?? {};
      return {
        ...metadata,
        phase,
        ...(spec && { containers: spec.containers.map(({ name: each }) => each) }),
      };
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  };
}
