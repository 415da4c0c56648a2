import type { Logger } from "pino";

import type { KubeClient, TellEvent, WebhookState } from "../kube/index.ts";
import type { Settings } from "./settings/settings.ts";

/** What is watched, and whom to tell. */
export interface OwnWebhooksOptions {
  readonly settings: Pick<Settings, "cluster" | "server">;
  readonly cluster: { readonly client: KubeClient; readonly tellEvent: TellEvent } | undefined;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** The webhooks by which the API server asks the gate. */
export interface OwnWebhooks {
  /** None where their configuration is gone; undefined where it is not watched, or not read yet. */
  readonly current: () => readonly WebhookState[] | undefined;
  readonly stop: () => void;
}

const UNWATCHED: OwnWebhooks = { current: () => undefined, stop: () => undefined };

/** Watches the gate's own webhook configuration, where its name is known: anyone who removes it removes the gate. */
export async function watchOwnWebhooks({ settings, cluster, log }: OwnWebhooksOptions): Promise<OwnWebhooks> {
  const name = nameIn(settings);
  if (name === undefined || cluster === undefined) return UNWATCHED;
  const { watchWebhooks } = await import("../kube/index.ts");
  const { client, tellEvent } = cluster;
  const regarding = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    namespace: settings.cluster!.namespace,
    name,
  };
  let isFirst = true;
  const watched = watchWebhooks({
    client,
    name,
    onChange: (webhooks) => {
      const note = noteOf(name, webhooks);
      const isExpected = isFirst && webhooks !== undefined;
      isFirst = false;
      log[isExpected ? "info" : "warn"]({ webhookConfiguration: name, webhooks: webhooks ?? [] }, note);
      if (!isExpected)
        tellEvent({ regarding, reason: "WebhooksChanged", action: "WatchWebhooks", type: "Warning", note });
    },
    onTrouble: ({ message }) => log.warn({ message }, "watching the webhook configuration failed; retrying"),
  });
  return { current: () => (watched.synced() ? (watched.webhooks() ?? []) : undefined), stop: watched.stop };
}

function nameIn({ cluster, server }: OwnWebhooksOptions["settings"]): string | undefined {
  const { certificate } = server;
  return (
    cluster?.webhookConfiguration ??
    (certificate.mode === "selfManaged" ? certificate.webhookConfiguration : undefined)
  );
}

function noteOf(name: string, webhooks: readonly WebhookState[] | undefined): string {
  if (webhooks === undefined)
    return `there is no webhook configuration ${name}: the API server does not call the gate`;
  const each = webhooks.map((webhook) => `${webhook.name} ${webhook.failurePolicy}`);
  return `webhook configuration ${name} is in force: ${each.join(", ")}`;
}
