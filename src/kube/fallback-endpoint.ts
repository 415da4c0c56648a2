import { isIPv6 } from "node:net";

import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { resourcePath } from "./client/resource-path.ts";

/** Label of a Service's EndpointSlices, and that of who writes them. Source: k8s.io/api/discovery/v1. */
export const SERVICE_LABEL = "kubernetes.io/service-name";
/** See SERVICE_LABEL. */
export const WRITER_LABEL = "endpointslice.kubernetes.io/managed-by";
/** The gate as the writer of an EndpointSlice; the cluster's own controller leaves such a slice alone. */
export const FALLBACK_WRITER = "mc-gate.dev";

const GROUP = "discovery.k8s.io";
const MERGE = "application/merge-patch+json";
const DEADLINE_MS = 3_000;

/** Whose endpoint it is, and where it belongs. */
export interface FallbackEndpointOptions {
  readonly client: KubeClient;
  readonly pod: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    /** One of each address family. */
    readonly addresses: readonly string[];
  };
  readonly service: string;
  /** The name of the Service's port. */
  readonly portName: string;
  /** Where the pod listens; must differ from the port of its ordinary endpoint, which would hide this one. */
  readonly port: number;
}

/** A second endpoint of a pod behind its Service, for the time without any endpoint that is ready. Methods reject with KubeError. */
export interface FallbackEndpoint {
  readonly publish: () => Promise<void>;
  /** Leaves the slice without an endpoint; it is removed with its pod. */
  readonly withdraw: () => Promise<void>;
}

/**
 * The pod's fallback endpoint, in an EndpointSlice for each address family. Its conditions say that it serves and terminates:
 * a Service proxy sends connections there where no endpoint of the Service is ready, and never otherwise (KEP-1669, "Proxy
 * Terminating Endpoints").
 */
export function createFallbackEndpoint(options: FallbackEndpointOptions): FallbackEndpoint {
  const slices = options.pod.addresses.map((address) => sliceOf(options, address));
  return {
    publish: async () => {
      for (const slice of slices) await put(options.client, slice);
    },
    withdraw: async () => {
      for (const slice of slices) await patch(options.client, { ...slice, endpoints: [] });
    },
  };
}

type Slice = ReturnType<typeof sliceOf>;

function sliceOf({ pod, service, portName, port }: FallbackEndpointOptions, address: string) {
  const { namespace, name, uid } = pod;
  const addressType = isIPv6(address) ? "IPv6" : "IPv4";
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-fallback-${addressType.toLowerCase()}`,
      namespace,
      labels: { [SERVICE_LABEL]: service, [WRITER_LABEL]: FALLBACK_WRITER },
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }],
    },
    addressType,
    ports: [{ name: portName, port, protocol: "TCP" }],
    endpoints: [
      {
        addresses: [address],
        conditions: { ready: false, serving: true, terminating: true },
        targetRef: { kind: "Pod", namespace, name, uid },
      },
    ],
  };
}

async function put(client: KubeClient, slice: Slice): Promise<void> {
  if (await patch(client, slice)) return;
  const { namespace } = slice.metadata;
  const path = resourcePath({ group: GROUP, resource: "endpointslices", namespace });
  await client.call({ method: "POST", path, body: slice, deadlineMs: DEADLINE_MS });
}

/** False where there is no such slice. */
async function patch(client: KubeClient, slice: Slice): Promise<boolean> {
  const { namespace, name } = slice.metadata;
  const path = resourcePath({ group: GROUP, resource: "endpointslices", namespace, name });
  try {
    await client.call({ method: "PATCH", path, body: slice, contentType: MERGE, deadlineMs: DEADLINE_MS });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}
