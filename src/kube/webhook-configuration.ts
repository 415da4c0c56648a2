import { CONFIGURATIONS } from "./certificate/ca-bundle.ts";
import type { KubeClient } from "./client/client.ts";
import { readObject } from "./client/read-object.ts";

/** A ValidatingWebhookConfiguration as the API server has it; undefined where there is none. Rejects with KubeError. */
export function readWebhookConfiguration(client: KubeClient, name: string): Promise<unknown> {
  return readObject(client, { ...CONFIGURATIONS, name });
}
