import fastify from "fastify";

import { type AdmissionDeps, registerAdmission, UNVERIFIED_CALLERS } from "../../src/admission/index.ts";
import type { ComposedGate } from "../../src/cli/compose.ts";
import type { DocumentName } from "../../src/cli/document-table.ts";
import { guardedDocuments } from "../../src/cli/serve/guarded-documents.ts";
import type { Mode } from "../../src/core/index.ts";

/** Where the documents of these tests lie. */
const PLACES = {
  policy: { configMap: "mc-gate-policy", key: "policy.yaml" },
  waivers: { configMap: "mc-gate-waivers", key: "waivers.yaml" },
  revocations: { configMap: "mc-gate-revocations", key: "revocations.yaml" },
} as const;

/** A right as the cluster's authorizer is asked for it: `ana may weaken waivers mc-gate-waivers`. */
export type Right = `${string} may ${string} ${string} ${string}`;

/** Who edits, and what the authorizer grants to whom. */
export interface EditOptions {
  readonly user: string;
  readonly rights?: readonly Right[];
  readonly defaultMode?: Mode;
  /** The authorizer does not answer. */
  readonly isDown?: boolean;
}

/** What the guard says to an edit: `allowed`, or why not. */
export async function guard(
  composed: Pick<ComposedGate, DocumentName>,
  request: object,
  { user, rights = [], defaultMode = "off", isDown = false }: EditOptions,
): Promise<string> {
  const may: AdmissionDeps["may"] = async ({ username }, { verb, resource, name }) => {
    if (isDown) throw new Error("no answer");
    return rights.includes(`${username} may ${verb} ${resource} ${name}`);
  };
  const app = fastify();
  registerAdmission(app, {
    gate: { admit: () => Promise.reject(new Error("no workload")) },
    callers: UNVERIFIED_CALLERS,
    modeOf: () => undefined,
    workloads: [],
    guarded: guardedDocuments(CLUSTER, composed as ComposedGate),
    defaultMode,
    may,
    observe: () => undefined,
    inFlight: () => undefined,
    shed: () => undefined,
  });
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u", operation: "UPDATE", userInfo: { username: user }, ...request },
  };
  const headers = { "content-type": "application/json" };
  const { body } = await app.inject({
    method: "POST",
    url: "/guard",
    headers,
    payload: JSON.stringify(review),
  });
  await app.close();
  const { response } = JSON.parse(body) as { response: { allowed: boolean; status?: { message: string } } };
  return response.allowed ? "allowed" : response.status!.message;
}

/** An edit of one of the documents. */
export function editOf(name: DocumentName, text: string): object {
  const { configMap, key } = PLACES[name];
  return {
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    name: configMap,
    namespace: "gate",
    object: { metadata: { name: configMap, namespace: "gate" }, data: { [key]: text } },
  };
}

const CLUSTER = {
  namespace: "gate",
  defaultMode: "off",
  pullSecrets: [],
  workloadPullSecrets: false,
  ...PLACES,
} as const satisfies Parameters<typeof guardedDocuments>[0];
