import { readFileSync } from "node:fs";
import { Agent } from "node:https";

import { parse } from "yaml";

import type { Answered } from "../support/outcome.ts";
import { postJson, type Reply } from "../support/post-json.ts";

const MAX_MS = 30_000;
const SOCKETS = 64;
const CREATED = 201;

/** What came of a pod. */
export interface Created {
  /** False where the API server, or its store, could not say anything about it. */
  readonly wasAsked: boolean;
  /** The gate's; undefined where the API server got none from it. */
  readonly answer: Answered;
  /** What the API server said. */
  readonly message: string;
}

/** Creates pods over kept connections, as a controller does. */
export interface ApiClient {
  /** A server-side dry run: everything but the storing. */
  readonly create: (namespace: string, image: string) => Promise<Created>;
  readonly close: () => void;
}

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } },
  ];
  readonly users: readonly [
    { readonly user: { readonly "client-certificate-data": string; readonly "client-key-data": string } },
  ];
}

/** A client of the cluster with this kubeconfig, whose credentials are inside it. */
export function createApiClient(kubeconfig: string): ApiClient {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: SOCKETS,
    ca: decoded(cluster["certificate-authority-data"]),
    cert: decoded(user["client-certificate-data"]),
    key: decoded(user["client-key-data"]),
  });
  let count = 0;
  return {
    create: async (namespace, image) => {
      count += 1;
      const url = `${cluster.server}/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `chaos-${count}` },
        spec: { containers: [{ name: "main", image }] },
      };
      try {
        return readCreated(await postJson({ url, agent, body: JSON.stringify(pod), longestMs: MAX_MS }));
      } catch {
        return { wasAsked: false, answer: undefined, message: "no API server" };
      }
    },
    close: () => agent.destroy(),
  };
}

function decoded(text: string): Buffer {
  return Buffer.from(text, "base64");
}

function readCreated({ status, text }: Reply): Created {
  if (status === CREATED) return { wasAsked: true, answer: { allowed: true, message: "" }, message: "" };
  const { message = "" } = JSON.parse(text) as { readonly message?: string };
  if (message.includes("denied the request"))
    return { wasAsked: true, answer: { allowed: false, message }, message };
  return { wasAsked: message.includes("failed calling webhook"), answer: undefined, message };
}
