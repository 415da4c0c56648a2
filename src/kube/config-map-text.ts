import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import { readAnswer } from "./client/read-answer.ts";
import { readObject } from "./client/read-object.ts";
import { resourcePath } from "./client/resource-path.ts";

const ConfigMap = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});

/** One key of a ConfigMap. */
export interface TextPlace {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The text, and the version of its ConfigMap; undefined where there is none. Rejects with KubeError. */
export async function readConfigMapText(
  client: KubeClient,
  { namespace, name, key }: TextPlace,
): Promise<{ readonly text: string | undefined; readonly version: string } | undefined> {
  const found = await readObject(client, { resource: "configmaps", namespace, name });
  if (found === undefined) return undefined;
  const { metadata, data } = readAnswer(ConfigMap, "ConfigMap", found);
  return { text: data?.[key], version: metadata.resourceVersion };
}

/**
 * Writes the text where the ConfigMap still has this version, and creates it where none was read. Rejects with KubeError, status
 * 409 where another write came between.
 */
export async function writeConfigMapText(
  client: KubeClient,
  { namespace, name, key }: TextPlace,
  {
    text,
    version,
    isDryRun,
  }: { readonly text: string; readonly version: string | undefined; readonly isDryRun: boolean },
): Promise<void> {
  const query = { fieldManager: "mc-enforce", ...(isDryRun && { dryRun: "All" }) };
  const data = { [key]: text };
  if (version === undefined) {
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
    await client.call({
      method: "POST",
      path: resourcePath({ resource: "configmaps", namespace }),
      query,
      body,
    });
    return;
  }
  await client.call({
    method: "PATCH",
    path: resourcePath({ resource: "configmaps", namespace, name }),
    query,
    body: { metadata: { resourceVersion: version }, data },
    contentType: "application/merge-patch+json",
  });
}
