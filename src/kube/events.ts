import { randomUUID } from "node:crypto";

import { printable } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { resourcePath } from "./client/resource-path.ts";
import { createEventBudget } from "./event-budget.ts";
import { reporter } from "./reporter.ts";

const GROUP = "events.k8s.io";
const CONTROLLER = "mc-gate.dev/gate";
const MAX_UNDER_WAY = 4;
const MAX_NOTE = 1000; // the API allows 1 KiB

/** Something that people who read an object should see. */
export interface KubeEvent {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    /** Without it, an Event is not among those that are looked up by the object: Argo CD shows no others. */
    readonly uid?: string;
  };
  /** CamelCase, of a closed set: `BadDocument`. */
  readonly reason: string;
  /** CamelCase, what the gate has done: `KeepLastGood`. */
  readonly action: string;
  readonly type: "Normal" | "Warning";
  /** One sentence. Only its first 1000 characters are sent. */
  readonly note: string;
}

/** Where Events go. */
export interface EventsOptions {
  readonly client: KubeClient;
  /** The pod's name. */
  readonly instance: string;
  readonly onTrouble: (error: KubeError) => void;
  readonly now?: () => Date;
}

/**
 * Reports something by an Event (events.k8s.io/v1) without being waited for: returns at once and never throws. The
 * same about the same object is reported once in ten minutes; of all, ten at once and one more each 30 seconds.
 */
export type TellEvent = (event: KubeEvent) => void;

/** A teller that has told nothing yet. */
export function createEvents({
  client,
  instance,
  onTrouble,
  now = () => new Date(),
}: EventsOptions): TellEvent {
  const budget = createEventBudget();
  const report = reporter("recording an Event", onTrouble);
  let underWay = 0;
  const send = async (event: KubeEvent, at: Date): Promise<void> => {
    underWay += 1;
    try {
      const { namespace } = event.regarding;
      const path = resourcePath({ group: GROUP, resource: "events", namespace });
      await client.call({ method: "POST", path, body: eventBody(event, instance, at) });
    } catch (error) {
      report(error);
    } finally {
      underWay -= 1;
    }
  };
  return (event) => {
    const at = now();
    const key = JSON.stringify([event.regarding, event.reason, event.note]);
    if (underWay < MAX_UNDER_WAY && budget.take(key, at.getTime())) void send(event, at);
  };
}

/** Kubernetes API reference, `Event events.k8s.io/v1`: all of these fields are required for a new event. */
function eventBody({ regarding, reason, action, type, note }: KubeEvent, instance: string, at: Date): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "Event",
    metadata: { name: `mc-gate.${randomUUID()}`, namespace: regarding.namespace },
    eventTime: at.toISOString().replace("Z", "000Z"), // MicroTime
    reportingController: CONTROLLER,
    reportingInstance: instance.slice(0, 128),
    action,
    reason,
    type,
    regarding,
    note: printable(note, MAX_NOTE),
  };
}
