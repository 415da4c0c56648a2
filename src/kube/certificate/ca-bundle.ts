import { z } from "zod";

import type { KubeClient } from "../client/client.ts";
import { KubeError } from "../client/kube-error.ts";
import { readAnswer } from "../client/read-answer.ts";
import { readObject } from "../client/read-object.ts";
import { type Resource, resourcePath } from "../client/resource-path.ts";

const Configuration = z.object({
  webhooks: z
    .array(z.object({ name: z.string(), clientConfig: z.object({ caBundle: z.string().nullish() }) }))
    .nullish(),
});

/** The kind of object that says which webhooks the API server asks. */
export const CONFIGURATIONS: Resource = {
  group: "admissionregistration.k8s.io",
  resource: "validatingwebhookconfigurations",
};

/**
 * Puts an authority (PEM) into every webhook of a configuration; writes nothing where it is there already. Rejects with
 * KubeError, with status 404 where there is no such configuration and 422 where it was changed meanwhile.
 */
export async function putCaBundle(client: KubeClient, name: string, authority: string): Promise<void> {
  const configuration = await readObject(client, { ...CONFIGURATIONS, name });
  if (configuration === undefined) {
    throw new KubeError(`there is no webhook configuration ${name}`, { status: 404 });
  }
  const caBundle = Buffer.from(authority, "utf8").toString("base64");
  const webhooks = readAnswer(Configuration, "webhook configuration", configuration).webhooks ?? [];
  const patch = webhooks.flatMap((webhook, index) => {
    if (webhook.clientConfig.caBundle === caBundle) return [];
    return [
      { op: "test", path: `/webhooks/${index}/name`, value: webhook.name }, // no one has changed their order
      { op: "add", path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle },
    ];
  });
  if (patch.length === 0) return;
  const contentType = "application/json-patch+json";
  await client.call({
    method: "PATCH",
    path: resourcePath({ ...CONFIGURATIONS, name }),
    body: patch,
    contentType,
  });
}
