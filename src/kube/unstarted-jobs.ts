import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { resourcePath } from "./client/resource-path.ts";
import { type InformerTiming, startInformer } from "./watch/informer.ts";

/** Source: kubernetes, pkg/controller/controller_utils.go, FailedCreatePodReason. */
const SELECTOR = "involvedObject.kind=Job,reason=FailedCreate";

const FailedCreate = z.object({
  involvedObject: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  message: z.string(),
});
const PARTS = [["involvedObject"], ["message"]];

/** A Job that the cluster lets create no pod, and why, as its controller puts it. */
export interface UnstartedJob {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly message: string;
}

/** What to follow and whom to tell. */
export interface UnstartedJobsOptions {
  readonly client: KubeClient;
  /** Called again when the controller fails again; at first also for failures of the last hour. */
  readonly onFailure: (job: UnstartedJob) => void;
  readonly onTrouble: (error: KubeError) => void;
  readonly timing?: Partial<InformerTiming>;
}

/** Follows the Events of Jobs that cannot create their pods, in all namespaces, until it is stopped. */
export function watchUnstartedJobs(options: UnstartedJobsOptions): { readonly stop: () => void } {
  const { client, onFailure, onTrouble, timing } = options;
  return startInformer<UnstartedJob>({
    client,
    source: { path: resourcePath({ resource: "events" }), fieldSelector: SELECTOR, parts: PARTS },
    read: (object) => {
      const { involvedObject, message } = FailedCreate.parse(object);
      return { ...involvedObject, message };
    },
    onChange: (_, job) => job && onFailure(job),
    onTrouble,
    ...(timing && { timing }),
  });
}
