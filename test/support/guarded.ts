import fastify from "fastify";

import { registerAdmission } from "../../src/admission/index.ts";
import type { ComposedGate } from "../../src/composition/compose.ts";
import type { DocumentName } from "../../src/composition/document-table.ts";
import type { Mode } from "../../src/core/index.ts";
import { createGuard, type GuardDeps } from "../../src/guard/index.ts";
import { guardedDocuments } from "../../src/serve/documents/guarded-documents.ts";
import { createLargeReader } from "../../src/serve/reader/reader.ts";
import { NOTHING_BESIDES, NOTHING_GUARDED } from "./admission-deps.ts";

/** Where the documents of these tests lie. */
const PLACES = {
  policy: { configMap: "mc-gate-policy", key: "policy.yaml" },
  waivers: { configMap: "mc-gate-waivers", key: "waivers.yaml" },
  revocations: { configMap: "mc-gate-revocations", key: "revocations.yaml" },
  enforcement: { configMap: "mc-gate-enforcement", key: "enforcement.yaml" },
  settings: { configMap: "mc-gate-settings", key: "settings.yaml" },
} as const;

/** The name of a document that the guard knows. */
export type GuardedName = keyof typeof PLACES;

/** A right as the cluster's authorizer is asked for it: `ana may weaken waivers mc-gate-waivers`. */
export type Right = `${string} may ${string} ${string} ${string}`;

/** Who edits, and what the authorizer grants to whom. */
export interface EditOptions {
  readonly user: string;
  readonly rights?: readonly Right[];
  readonly defaultMode?: Mode;
  /** The default mode that the webhook configuration was written for, where its path says one. */
  readonly configuredDefault?: Mode;
  /** The authorizer does not answer. */
  readonly isDown?: boolean;
  /** The text of the settings that the gate was started with. */
  readonly settings?: string;
  /** The gate's namespace is being deleted. */
  readonly isTerminating?: boolean;
  /** The gate's clock. */
  readonly now?: () => Date;
  /** Is handed what the guard decided. */
  readonly onRecord?: GuardDeps["observe"];
}

/** The texts that edits are compared with. */
type TextsInForce = Readonly<Record<DocumentName, Pick<ComposedGate[DocumentName], "text">>>;

/** What the guard says to an edit: `allowed`, or why not. */
export async function guard(composed: TextsInForce, request: object, options: EditOptions): Promise<string> {
  const app = fastify();
  registerAdmission(app, {
    ...NOTHING_BESIDES,
    gate: { admit: () => Promise.reject(new Error("no workload")) },
    guard: createGuard({
      ...NOTHING_GUARDED,
      guarded: guardedDocuments(CLUSTER, {
        composed,
        settingsText: options.settings ?? "",
        now: options.now ?? (() => new Date()),
        reader: READER,
      }),
      defaultMode: options.defaultMode ?? "off",
      may: mayOf(options),
      isTerminating: () => options.isTerminating ?? false,
      observe: options.onRecord ?? NOTHING_GUARDED.observe,
      readPartsElsewhere: (namespace, ...input) => READER.runFor(namespace, "readReviewParts", ...input),
    }),
  });
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u", operation: "UPDATE", userInfo: { username: options.user }, ...request },
  };
  const headers = { "content-type": "application/json" };
  const payload = JSON.stringify(review);
  const { configuredDefault: configured } = options;
  const url = configured === undefined ? "/guard" : `/guard/${configured}`;
  const { body } = await app.inject({ method: "POST", url, headers, payload });
  await app.close();
  const { response } = JSON.parse(body) as { response: { allowed: boolean; status?: { message: string } } };
  return response.allowed ? "allowed" : response.status!.message;
}

function mayOf({ rights = [], isDown = false }: EditOptions): GuardDeps["may"] {
  return async ({ username }, { verb, resource, name }) => {
    if (isDown) throw new Error("no answer");
    return rights.includes(`${username} may ${verb} ${resource} ${name}`);
  };
}

/** An edit of one of the documents, in whose ConfigMap there was nothing. */
export function editOf(name: GuardedName, text: string): object {
  const { configMap, key } = PLACES[name];
  const metadata = { name: configMap, namespace: "gate" };
  return {
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    name: configMap,
    namespace: "gate",
    object: { metadata, data: { [key]: text } },
    oldObject: { metadata },
  };
}

/** The deletion of one of the documents. */
export function deletionOf(name: GuardedName): object {
  const { object, ...request } = editOf(name, "") as { readonly object: object };
  return { ...request, operation: "DELETE", object: null, oldObject: object };
}

/** Its thread would begin with the first long text. */
const READER = createLargeReader();

const CLUSTER = {
  namespace: "gate",
  defaultMode: "off",
  pullSecrets: [],
  workloadPullSecrets: false,
  ...PLACES,
} as const satisfies Parameters<typeof guardedDocuments>[0];
