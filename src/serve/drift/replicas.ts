import { z } from "zod";

import { asFault, printable, readJson } from "../../core/index.ts";
import {
  type KubeClient,
  readEndpoints,
  readWebhookConfiguration,
  type ServiceEndpoint,
} from "../../kube/index.ts";
import { requestGate } from "../../outbound/index.ts";
import { type DriftCounts, GateState, type StateText } from "../state/gate-state.ts";
import { DriftError, type DriftDeps, type Replica } from "./ports.ts";

const DEADLINE_MS = 10_000;

/** Where the gate is, and how it is asked. */
export interface ClusterGateOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly service: string;
  /** Name of the ValidatingWebhookConfiguration, whose authority is trusted, as the API server does. */
  readonly configuration: string;
  /** The token by which replicas are asked; read again for each call. */
  readonly token: () => string;
}

const Bundles = z.object({
  webhooks: z.array(z.object({ clientConfig: z.object({ caBundle: z.base64().nullish() }) })).nullish(),
});

/** Asks every replica of a gate in a cluster, each at its own address, as the certificate of the Service. */
export function gateInCluster(options: ClusterGateOptions): DriftDeps {
  const { client, namespace, service, configuration, token } = options;
  let authority: Promise<string> | undefined;
  const ask = async (method: "GET" | "PUT", path: string, replica: Replica, body?: Uint8Array) => {
    authority ??= readAuthority(client, configuration);
    const ca = await authority;
    const url = new URL(`https://${service}.${namespace}.svc:${replica.port}${path}`);
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const contentType = body && "application/json";
    const request = { url, method, address: replica.address, token: token(), contentType, ca, signal };
    const { status, text } = await requestGate({ ...request, ...(body && { body }) });
    if (status === 200 || status === 204) return text;
    const { error = "" } = (readJson(text) ?? {}) as { readonly error?: string };
    throw new DriftError(`HTTP ${status}${error && `: ${printable(error, 200)}`}`);
  };
  return {
    replicas: async () =>
      (await readEndpoints(client, { namespace, service, port: "webhook" })).map(replicaOf),
    webhooks: () => readWebhookConfiguration(client, configuration),
    state: async (replica) => {
      const state = GateState.safeParse(readJson(await ask("GET", "/v1/state", replica)));
      if (!state.success) throw new DriftError("its answer is not a state that this version of mc knows");
      return state.data;
    },
    text: (replica, name: StateText) => ask("GET", `/v1/state/${name}`, replica),
    report: async (replica, counts: DriftCounts) =>
      void (await ask("PUT", "/v1/state/drift", replica, Buffer.from(JSON.stringify(counts)))),
  };
}

function replicaOf({ name, address, port, isReady, isTerminating }: ServiceEndpoint): Replica {
  return { name, address, port, isReady, isTerminating };
}

/** PEM of every authority in the webhooks, which is what the API server trusts the gate by. Rejects with DriftError. */
async function readAuthority(client: KubeClient, name: string): Promise<string> {
  const found = await readWebhookConfiguration(client, name).catch((error: unknown) => {
    throw new DriftError(asFault(error).message);
  });
  const bundles = (Bundles.safeParse(found).data?.webhooks ?? []).map(
    ({ clientConfig }) => clientConfig.caBundle,
  );
  const authorities = new Set(bundles.filter((each) => each));
  if (authorities.size === 0)
    throw new DriftError(`webhook configuration ${name} has no caBundle, so that no replica can be trusted`);
  return [...authorities].map((each) => Buffer.from(each!, "base64").toString("utf8")).join("\n");
}
