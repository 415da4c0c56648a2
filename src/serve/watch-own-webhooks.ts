import type { Logger } from "pino";

import type { KubeClient, TellEvent, WebhookState } from "../kube/index.ts";
import type { WebhookReading } from "../metrics/index.ts";
import { type CertificateSource, isIssuedBy } from "../server/index.ts";
import type { Settings } from "./settings/settings.ts";

/** What is watched, and whom to tell. */
export interface OwnWebhooksOptions {
  readonly settings: Pick<Settings, "cluster" | "server">;
  readonly cluster: { readonly client: KubeClient; readonly tellEvent: TellEvent } | undefined;
  readonly log: Pick<Logger, "info" | "warn">;
  /** What this replica serves, for which each caBundle has to vouch. */
  readonly certificate: Pick<CertificateSource, "current">;
}

/** The webhooks by which the API server asks the gate. */
export interface OwnWebhooks {
  /** None where their configuration is gone; undefined where it is not watched, or not read yet. */
  readonly current: () => readonly WebhookReading[] | undefined;
  readonly stop: () => void;
}

const UNWATCHED: OwnWebhooks = { current: () => undefined, stop: () => undefined };

/** Watches the gate's own webhook configuration, where its name is known: anyone who removes it removes the gate. */
export async function watchOwnWebhooks({
  settings,
  cluster,
  log,
  certificate,
}: OwnWebhooksOptions): Promise<OwnWebhooks> {
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
  const readings = (webhooks: readonly WebhookState[]): readonly WebhookReading[] => {
    const { cert } = certificate.current();
    return webhooks.map((each) => ({ ...each, caBundle: standingOf(each, cert) }));
  };
  let isFirst = true;
  const watched = watchWebhooks({
    client,
    name,
    onChange: (states) => {
      const webhooks = states && readings(states);
      const note = noteOf(name, webhooks);
      const isExpected = isFirst && webhooks !== undefined && !webhooks.some(isWrong);
      isFirst = false;
      log[isExpected ? "info" : "warn"]({ webhookConfiguration: name, webhooks: webhooks ?? [] }, note);
      if (!isExpected)
        tellEvent({ regarding, reason: "WebhooksChanged", action: "WatchWebhooks", type: "Warning", note });
    },
    onTrouble: ({ message }) => log.warn({ message }, "watching the webhook configuration failed; retrying"),
  });
  return {
    current: () => (watched.synced() ? readings(watched.webhooks() ?? []) : undefined),
    stop: watched.stop,
  };
}

function standingOf({ caBundle }: WebhookState, certificate: string): WebhookReading["caBundle"] {
  if (caBundle === undefined) return "absent";
  return isIssuedBy(certificate, caBundle) ? "ok" : "wrong";
}

function isWrong({ caBundle }: WebhookReading): boolean {
  return caBundle === "wrong";
}

function nameIn({ cluster, server }: OwnWebhooksOptions["settings"]): string | undefined {
  const { certificate } = server;
  return (
    cluster?.webhookConfiguration ??
    (certificate.mode === "selfManaged" ? certificate.webhookConfiguration : undefined)
  );
}

function noteOf(name: string, webhooks: readonly WebhookReading[] | undefined): string {
  if (webhooks === undefined)
    return `there is no webhook configuration ${name}: the API server does not call the gate`;
  const each = webhooks.map((webhook) => `${webhook.name} ${webhook.failurePolicy}`);
  const inForce = `webhook configuration ${name} is in force: ${each.join(", ")}`;
  const wrong = webhooks.filter(isWrong).map((webhook) => webhook.name);
  return wrong.length === 0
    ? inForce
    : `${inForce}. The API server cannot call the gate by ${wrong.join(", ")}: caBundle does not vouch for the certificate that this replica serves`;
}
