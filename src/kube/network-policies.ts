import { z } from "zod";

import { TextMap } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { METADATA_ONLY, listAll } from "./client/list-all.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";

const MAX_POLICIES = 500;

const Selector = z.object({
  matchLabels: TextMap.nullish(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() }))
    .nullish(),
});
const Peers = z
  .array(
    z.object({
      podSelector: Selector.nullish(),
      namespaceSelector: Selector.nullish(),
      ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).nullish() }).nullish(),
    }),
  )
  .nullish();
const Ports = z
  .array(
    z.object({
      protocol: z.string().nullish(),
      port: z.union([z.number(), z.string()]).nullish(),
      endPort: z.number().nullish(),
    }),
  )
  .nullish();

/** Source: kubernetes API reference, NetworkPolicy networking.k8s.io/v1. */
const Policy = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    podSelector: Selector.nullish(),
    policyTypes: z.array(z.string()).nullish(),
    ingress: z.array(z.object({ from: Peers, ports: Ports })).nullish(),
    egress: z.array(z.object({ to: Peers, ports: Ports })).nullish(),
  }),
});
const Namespace = z.object({ metadata: z.object({ labels: TextMap.nullish() }) });

/** A NetworkPolicy, as far as it says who may reach whom. */
export type NetworkPolicy = z.infer<typeof Policy>["spec"] & { readonly name: string };

/** What a namespace says about its network. */
export interface NamespaceNetwork {
  readonly labels: Readonly<Record<string, string>>;
  readonly policies: readonly NetworkPolicy[];
}

/** Reads a namespace's labels and NetworkPolicies, at most 500. Rejects with KubeError, also where there are more. */
export function createNetworkReader(client: KubeClient): (namespace: string) => Promise<NamespaceNetwork> {
  return async (namespace) => {
    const policies: NetworkPolicy[] = [];
    const path = resourcePath({ group: "networking.k8s.io", resource: "networkpolicies", namespace });
    await listAll(client, { path }, (item) => {
      const { metadata, spec } = readAnswer(Policy, "NetworkPolicy", item);
      policies.push({ ...spec, name: metadata.name });
      if (policies.length > MAX_POLICIES)
        throw new KubeError(`the namespace ${namespace} has more than ${MAX_POLICIES} NetworkPolicies`);
    });
    let labels: Readonly<Record<string, string>> = {};
    // By name, with the right to list that there is already.
    const fieldSelector = `metadata.name=${namespace}`;
    await listAll(
      client,
      { path: resourcePath({ resource: "namespaces" }), accept: METADATA_ONLY, fieldSelector },
      (item) => {
        labels = readAnswer(Namespace, "Namespace", item).metadata.labels ?? {};
      },
    );
    return { labels, policies };
  };
}
