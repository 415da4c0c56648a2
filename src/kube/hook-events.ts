import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { resourcePath } from "./client/resource-path.ts";
import { type InformerTiming, startInformer } from "./watch/informer.ts";

/**
 * What controllers, the scheduler and the kubelet report of a hook: its Job creates no pod, no node takes its pod, a volume of it cannot
 * be mounted, and everything about its container, which the hook's chart calls `mc`. Source: kubernetes, pkg/controller/controller_utils.go,
 * pkg/scheduler/schedule_one.go, pkg/kubelet/events/event.go.
 */
const SELECTORS = [
  "involvedObject.kind=Job,reason=FailedCreate",
  "involvedObject.kind=Pod,reason=FailedScheduling",
  "involvedObject.kind=Pod,reason=FailedMount",
  "involvedObject.kind=Pod,involvedObject.fieldPath=spec.containers{mc}",
];

const Reported = z.object({
  involvedObject: z.object({
    kind: z.enum(["Job", "Pod"]),
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
  }),
  reason: z.string(),
  message: z.string().default(""),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  series: z.object({ lastObservedTime: z.string().nullish() }).nullish(),
});
const PARTS = [
  ...["involvedObject", "reason", "message", "lastTimestamp", "eventTime"].map((key) => [key]),
  ["series", "lastObservedTime"],
];

/** An Event about a Job or a Pod that may be a hook, as those who run it put it. */
export interface HookEvent {
  readonly kind: "Job" | "Pod";
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Such as `FailedCreate`, `FailedScheduling`, `Started`. */
  readonly reason: string;
  readonly message: string;
  /** When it happened last; undefined where the Event does not say. */
  readonly at: Date | undefined;
}

/** What to follow and whom to tell. */
export interface HookEventsOptions {
  readonly client: KubeClient;
  /** Called again when it happens again; at first also for what happened in the last hour. */
  readonly onEvent: (event: HookEvent) => void;
  readonly onTrouble: (error: KubeError) => void;
  readonly timing?: Partial<InformerTiming>;
}

/** Follows the Events that say how hooks start, in all namespaces, until it is stopped. */
export function watchHookEvents(options: HookEventsOptions): { readonly stop: () => void } {
  const { client, onEvent, onTrouble, timing } = options;
  const informers = SELECTORS.map((fieldSelector) =>
    startInformer<HookEvent>({
      client,
      source: { path: resourcePath({ resource: "events" }), fieldSelector, parts: PARTS },
      read: readEvent,
      onChange: (_, event) => event && onEvent(event),
      onTrouble,
      ...(timing && { timing }),
    }),
  );
  return { stop: () => informers.forEach((each) => each.stop()) };
}

function readEvent(object: unknown): HookEvent {
  const { involvedObject, reason, message, ...times } = Reported.parse(object);
  const at = times.series?.lastObservedTime ?? times.lastTimestamp ?? times.eventTime;
  return { ...involvedObject, reason, message, at: at ? new Date(at) : undefined };
}
