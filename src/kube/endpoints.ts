import { z } from "zod";

import type { KubeClient } from "./client/client.ts";
import { listAll } from "./client/list-all.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";
import { FALLBACK_WRITER, SERVICE_LABEL, WRITER_LABEL } from "./fallback-endpoint.ts";

const Slice = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
  ports: z.array(z.object({ name: z.string().nullish(), port: z.int().nullish() })).nullish(),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string().max(64)).min(1),
        conditions: z.object({ ready: z.boolean().nullish(), terminating: z.boolean().nullish() }).nullish(),
        targetRef: z.object({ kind: z.string().nullish(), name: z.string().max(253).nullish() }).nullish(),
      }),
    )
    .nullish(),
});

/** One replica behind a Service. */
export interface ServiceEndpoint {
  /** Of the pod; its address where the slice does not say. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly isReady: boolean;
  readonly isTerminating: boolean;
}

/** Which Service, and which of its ports. */
export interface ServicePort {
  readonly namespace: string;
  readonly service: string;
  /** The name of the port. */
  readonly port: string;
}

/**
 * The endpoints of a Service by its EndpointSlices, ready or not, each replica once: with two address families it has an
 * endpoint in a slice of each. A fallback endpoint is the same replica once more, and is left out. Rejects with KubeError.
 * Source: k8s.io/api/discovery/v1.
 */
export async function readEndpoints(
  client: KubeClient,
  { namespace, service, port: portName }: ServicePort,
): Promise<readonly ServiceEndpoint[]> {
  const found = new Map<string, ServiceEndpoint>();
  const path = resourcePath({ group: "discovery.k8s.io", resource: "endpointslices", namespace });
  await listAll(client, { path, labelSelector: `${SERVICE_LABEL}=${service}` }, (item) => {
    for (const endpoint of endpointsIn(readAnswer(Slice, "EndpointSlice", item), service, portName))
      if (!found.get(endpoint.name)?.isReady) found.set(endpoint.name, endpoint);
  });
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function endpointsIn(
  { metadata, ports, endpoints }: z.infer<typeof Slice>,
  service: string,
  portName: string,
): ServiceEndpoint[] {
  const port = ports?.find(({ name }) => name === portName)?.port;
  const { [SERVICE_LABEL]: behind, [WRITER_LABEL]: writer } = metadata.labels ?? {};
  if (behind !== service || writer === FALLBACK_WRITER || !port) return [];
  return (endpoints ?? []).map(({ addresses, conditions, targetRef }) => ({
    name: targetRef?.name ?? addresses[0]!,
    address: addresses[0]!,
    port,
    isReady: conditions?.ready ?? true,
    isTerminating: conditions?.terminating ?? false,
  }));
}
