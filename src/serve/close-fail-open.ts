import type { Logger } from "pino";

import { asFault } from "../core/index.ts";
import type { Recorder } from "../record/index.ts";
import type { JoinedCluster } from "./cluster.ts";
import type { Settings } from "./settings/settings.ts";

const TICK_MS = 5_000;

/** What is put back, and where. */
export interface FailOpenOptions {
  readonly settings: Pick<Settings, "cluster" | "server">;
  readonly cluster: Pick<JoinedCluster, "client" | "tellEvent"> | undefined;
  /** Names of parts that are not ready. */
  readonly missing: () => readonly string[];
  readonly log: Pick<Logger, "warn">;
  readonly recorder: Pick<Recorder, "write">;
}

/**
 * Has the webhooks refuse again where someone had them fail open: once this replica is ready for the first time, and from the end
 * on that was named. Not while it runs before that end: the API server may reach no replica although one is ready. Returns what
 * ends it.
 */
export function closeFailOpen(options: FailOpenOptions): () => void {
  const { settings, cluster, missing, log, recorder } = options;
  const { certificate } = settings.server;
  // Only a gate that keeps the authority there may write its own webhook configuration.
  if (cluster === undefined || certificate.mode !== "selfManaged") return () => undefined;
  const { namespace } = settings.cluster!;
  const place = { name: certificate.webhookConfiguration, namespace, cluster, log, recorder };
  let isStarting = true;
  let isBusy = false;
  const look = async (): Promise<void> => {
    if (isBusy || missing().length > 0) return;
    isBusy = true;
    try {
      await putBack({ ...place, isDue: (until) => isStarting || until <= new Date() });
      isStarting = false;
    } catch (error) {
      log.warn({ message: asFault(error).message }, "failurePolicy could not be put back; retrying");
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void look(), TICK_MS).unref();
  return () => clearInterval(timer);
}

interface PutBack extends Pick<FailOpenOptions, "log" | "recorder"> {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: NonNullable<FailOpenOptions["cluster"]>;
  readonly isDue: (until: Date) => boolean;
}

async function putBack({
  name,
  namespace,
  cluster: { client, tellEvent },
  log,
  recorder,
  isDue,
}: PutBack): Promise<void> {
  const { endFailOpen, readFailOpen } = await import("../kube/index.ts");
  const note = await readFailOpen(client, name);
  if (note === undefined || !isDue(note.until)) return;
  await endFailOpen(client, { name, isDryRun: false });
  log.warn({ ...note, webhookConfiguration: name }, "failurePolicy is Fail again");
  const { by, reason, ticket, until } = note;
  const fields = {
    change: "closed",
    scope: `webhooks ${name}`,
    by,
    ticket,
    reason,
    until: until.toISOString(),
  };
  recorder.write({ msg: "switch", fields });
  tellEvent({
    regarding: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      namespace,
      name,
    },
    reason: "FailClosed",
    action: "PutBackFailurePolicy",
    type: "Normal",
    note: `A replica put failurePolicy back, which ${note.by} had set to Ignore until ${note.until.toISOString()} (${note.ticket}: ${note.reason}).`,
  });
}
