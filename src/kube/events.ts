import { randomUUID } from "node:crypto";

import { printable } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { resourcePath } from "./client/resource-path.ts";
import { createEventBudget } from "./event-budget.ts";
import { reporter } from "./reporter.ts";

const GROUP = "events.k8s.io";
const CONTROLLER = "mc-gate.dev/gate";
const MAX_UNDER_WAY = 4;
const MAX_NOTE = 1000; // the API allows 1 KiB
/** What the API server did not take is offered again, for so long and so many. */
const RETRY_MS = 5_000;
const RETRIED_MS = 3_600_000;
const MAX_WAITING = 32;
/** API Priority and Fairness, of an API server that has too much to do. */
const TOO_MANY_REQUESTS = 429;

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
  /** ms until what could not be recorded is offered again. */
  readonly retryMs?: number;
}

/**
 * Reports something by an Event (events.k8s.io/v1) without being waited for: returns at once and never throws. The
 * same about the same object is reported once in ten minutes; of all, ten at once and one more each 30 seconds. Where the
 * API server does not answer, it is offered again for an hour, with the time at which it happened.
 */
export type TellEvent = (event: KubeEvent) => void;

/** A teller that has told nothing yet. */
export function createEvents(options: EventsOptions): TellEvent {
  const { client, instance, onTrouble, now = () => new Date() } = options;
  const budget = createEventBudget();
  const report = reporter("recording an Event", onTrouble);
  const again = createRetries(options, (posted) => post(client, posted));
  let underWay = 0;
  const send = async (posted: Posted): Promise<void> => {
    underWay += 1;
    try {
      await post(client, posted);
    } catch (error) {
      report(error);
      again(posted, error);
    } finally {
      underWay -= 1;
    }
  };
  return (event) => {
    const at = now();
    const key = JSON.stringify([event.regarding, event.reason, event.note]);
    if (underWay < MAX_UNDER_WAY && budget.take(key, at.getTime()))
      void send({ namespace: event.regarding.namespace, body: eventBody(event, instance, at) });
  };
}

/** An Event with its name: offered twice, it is there once. */
interface Posted {
  readonly namespace: string;
  readonly body: object;
}

async function post(client: KubeClient, { namespace, body }: Posted): Promise<void> {
  await client.call({
    method: "POST",
    path: resourcePath({ group: GROUP, resource: "events", namespace }),
    body,
  });
}

/** Takes what could not be posted, and offers it again, oldest first, until it is taken, refused or too old. */
function createRetries(
  { retryMs = RETRY_MS }: Pick<EventsOptions, "retryMs">,
  offer: (posted: Posted) => Promise<void>,
): (posted: Posted, error: unknown) => void {
  const waiting: { readonly posted: Posted; readonly since: number }[] = [];
  const retry = async (): Promise<void> => {
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      try {
        if (performance.now() - first.since < RETRIED_MS) await offer(first.posted);
      } catch (error) {
        if (isUnanswered(error)) break;
      }
      waiting.shift();
    }
    if (waiting.length > 0) later();
  };
  const later = (): void => void setTimeout(() => void retry(), retryMs).unref();
  return (posted, error) => {
    if (!isUnanswered(error) || waiting.length >= MAX_WAITING) return;
    waiting.push({ posted, since: performance.now() });
    if (waiting.length === 1) later();
  };
}

/** No answer came, or one that says that another time may be better. */
function isUnanswered(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const { status } = error;
  return status === undefined || status === TOO_MANY_REQUESTS || status >= 500;
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
