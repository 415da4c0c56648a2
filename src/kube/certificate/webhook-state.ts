import { createHash } from "node:crypto";

import { z } from "zod";

import type { KubeClient } from "../client/client.ts";
import type { KubeError } from "../client/kube-error.ts";
import { resourcePath } from "../client/resource-path.ts";
import { type Freshness, type InformerTiming, startInformer } from "../watch/informer.ts";
import { CONFIGURATIONS } from "./ca-bundle.ts";

const Webhook = z.looseObject({
  name: z.string(),
  failurePolicy: z.enum(["Fail", "Ignore"]).default("Fail"),
  clientConfig: z.looseObject({ caBundle: z.string().nullish() }),
});
const Configuration = z.object({ webhooks: z.array(Webhook).max(64).nullish() });

/** One webhook as the API server has it. */
export interface WebhookState {
  readonly name: string;
  readonly failurePolicy: "Fail" | "Ignore";
  /** The authorities that the API server trusts, PEM; undefined where it goes by its machine's own. */
  readonly caBundle: string | undefined;
  /** Digest of everything else: whom the API server asks, about what, and how long it waits. */
  readonly scope: string;
}

/** What to ask and whom to tell. */
export interface WebhookStateOptions {
  readonly client: KubeClient;
  /** Of the ValidatingWebhookConfiguration. */
  readonly name: string;
  /** Called once after the first list, then at changes; undefined where there is no such configuration. */
  readonly onChange: (webhooks: readonly WebhookState[] | undefined) => void;
  readonly onTrouble: (error: KubeError) => void;
  readonly timing?: Partial<InformerTiming>;
}

/** A configuration that is followed until it is stopped. */
export interface WatchedWebhooks extends Freshness {
  /** As last seen; undefined where there is none, or before the first list. */
  readonly webhooks: () => readonly WebhookState[] | undefined;
  readonly stop: () => void;
}

/** Follows a webhook configuration by its name, so that the right to that one is enough. */
export function watchWebhooks(options: WebhookStateOptions): WatchedWebhooks {
  const { client, name, onChange, onTrouble, timing = {} } = options;
  let isTold = false;
  const tell = (webhooks: readonly WebhookState[] | undefined): void => {
    isTold = true;
    onChange(webhooks);
  };
  const informer = startInformer<readonly WebhookState[]>({
    client,
    source: { path: resourcePath(CONFIGURATIONS), fieldSelector: `metadata.name=${name}` },
    read: readWebhooks,
    onChange: (changed, webhooks) => changed === name && tell(webhooks),
    onList: () => isTold || tell(undefined),
    onTrouble,
    timing,
  });
  return { ...informer, webhooks: () => informer.get(name) };
}

function readWebhooks(object: unknown): readonly WebhookState[] {
  const { webhooks } = Configuration.parse(object);
  return (webhooks ?? []).map(({ name, failurePolicy, clientConfig: { caBundle, ...server }, ...rest }) => ({
    name,
    failurePolicy,
    caBundle: caBundle ? Buffer.from(caBundle, "base64").toString("utf8") : undefined,
    scope: digestOf([server, rest]),
  }));
}

/** Of what the API server writes, whose order of keys stays. */
function digestOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
