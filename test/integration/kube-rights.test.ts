import { describe, expect, it } from "vitest";

import {
  createAccessReview,
  createApplicationReader,
  createEvents,
  createFallbackEndpoint,
  createHookReader,
  createNetworkReader,
  createPullSecrets,
  createTokenReview,
  eachRunningPod,
  keepWebhookCertificate,
  readEndpoints,
  readWebhookConfiguration,
  type Right,
  RIGHTS,
  type RightsFeature,
  watchDocuments,
  watchHookEvents,
  watchNamespaceModes,
  watchOutOfSync,
  watchSecretKey,
  watchWebhooks,
} from "../../src/kube/index.ts";
import type { ApiRequest } from "../support/fake-api-request.ts";
import { FAST_TIMING, type KubeFixture, soon, useKubeFixture } from "../support/kube-fixture.ts";
import { collectionOf, rawSecret } from "../support/pull-secret-objects.ts";

const fixture = useKubeFixture();
const SECRETS = collectionOf("gate", "secrets");
const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const KEY = { namespace: "gate", name: "keys", key: "cosign.pub" };

/** Does everything that a feature does with the API server. */
const FEATURES: Record<RightsFeature, (using: KubeFixture) => Promise<void> | void> = {
  documents({ client, onTrouble, stopLater }) {
    const documents = [{ configMap: "policy", key: "policy.yaml" }];
    stopLater(
      watchDocuments({
        client,
        namespace: "gate",
        documents,
        onText: () => undefined,
        onTrouble,
        timing: FAST_TIMING,
      }),
    );
  },
  "namespace-modes"({ client, onTrouble, stopLater }) {
    stopLater(watchNamespaceModes({ client, onTrouble, timing: FAST_TIMING }));
  },
  async "own-pull-secrets"({ client, onTrouble }) {
    const own = { namespace: "gate", names: ["pull"] };
    await createPullSecrets({ client, own, workloadSecrets: false, onTrouble })("registry.example", {});
  },
  async "workload-pull-secrets"({ client, onTrouble }) {
    const secrets = createPullSecrets({ client, workloadSecrets: true, onTrouble });
    await secrets("registry.example", { namespace: "shop", pullSecrets: ["pull"] });
  },
  async "access-reviews"({ client }) {
    const right = { verb: "weaken", resource: "policies", name: "p" };
    expect(await createAccessReview(client)({ username: "ana" }, right)).toBe(false);
  },
  "key-secrets"({ client, onTrouble, stopLater }) {
    stopLater(watchSecretKey(client, KEY, { onText: () => undefined, onTrouble }, FAST_TIMING));
  },
  async "self-managed-certificate"({ server, client, onTrouble, stopLater }) {
    const webhooks = [{ name: "enforce", clientConfig: {} }];
    server.store.put(CONFIGURATIONS, { metadata: { name: "mc-gate" }, webhooks });
    let changes = 0;
    const pair = { cert: "c", key: "k" };
    const running = keepWebhookCertificate({
      client,
      secret: { namespace: "gate", name: "certificate" },
      webhookConfigurations: ["mc-gate"],
      next: () => ({ set: { ca: pair, leaf: pair }, caBundle: "c", changed: ++changes < 3 }),
      onPair: () => undefined,
      onTrouble,
      everyMs: 20,
      timing: FAST_TIMING,
    });
    stopLater(running);
    await soon(() => expect(changes).toBeGreaterThan(2));
  },
  "own-webhooks"({ client, onTrouble, stopLater }) {
    stopLater(
      watchWebhooks({ client, name: "mc-gate", onChange: () => undefined, onTrouble, timing: FAST_TIMING }),
    );
  },
  async "sync-hooks"({ client }) {
    expect(await createTokenReview(client)("t", ["mc-gate"])).toBeUndefined();
    const read = createHookReader(client);
    for (const kind of ["Pod", "Job"] as const)
      expect(await read({ kind, namespace: "shop", name: "hook" })).toBeUndefined();
  },
  async "sync-events"({ client, onTrouble, stopLater }) {
    const regarding = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      namespace: "argocd",
      name: "web",
    };
    createEvents({ client, instance: "x", onTrouble })({
      regarding,
      reason: "SyncRefused",
      action: "Judge",
      type: "Warning",
      note: "no",
    });
    stopLater(watchHookEvents({ client, onEvent: () => undefined, onTrouble, timing: FAST_TIMING }));
    expect(await createNetworkReader(client)("shop")).toEqual({ labels: {}, policies: [] });
  },
  async "sync-prewarm"({ client, onTrouble, stopLater }) {
    stopLater(watchOutOfSync({ client, onChange: () => undefined, onTrouble, timing: FAST_TIMING }));
    const read = createApplicationReader(client);
    expect(await read({ namespace: "argocd", name: "web" })).toBeUndefined();
  },
  async "self-heal"({ client }) {
    await eachRunningPod(client, () => undefined, "shop");
  },
  async "pod-prewarm"({ client }) {
    await eachRunningPod(client, () => undefined);
  },
  events({ client, onTrouble }) {
    const regarding = { apiVersion: "v1", kind: "ConfigMap", namespace: "gate", name: "policy" };
    createEvents({ client, instance: "x", onTrouble })({
      regarding,
      reason: "BadDocument",
      action: "KeepLastGood",
      type: "Warning",
      note: "no",
    });
  },
  async "fallback-endpoint"({ client }) {
    const pod = { namespace: "gate", name: "mc-gate-0", uid: "u", addresses: ["10.0.0.1"] };
    const place = { service: "mc-gate", portName: "webhook", port: 8444 };
    await createFallbackEndpoint({ client, pod, ...place }).publish();
  },
  async state({ client }) {
    expect(await createTokenReview(client)("t", ["mc-gate"])).toBeUndefined();
  },
  async drift({ client }) {
    const place = { namespace: "gate", service: "mc-gate", port: "webhook" };
    expect(await readEndpoints(client, place)).toEqual([]);
    expect(await readWebhookConfiguration(client, "mc-gate")).toBeUndefined();
  },
};

/** What a request needs, in the words of the table; a name where the request is for one object. */
function needOf({ verb, group, resource, namespace, name }: ApiRequest): string {
  const scope = namespace === "gate" ? "gate" : "cluster";
  return `${scope} ${verb} ${group}/${resource}${name === undefined ? "" : " by name"}`;
}

function grantsOf({ scope, verbs, apiGroup, resource, names }: Right): string[] {
  return verbs.map(
    (verb) => `${scope} ${verb} ${apiGroup}/${resource}${names === undefined ? "" : " by name"}`,
  );
}

describe("the table of rights", () => {
  it.each(Object.keys(FEATURES) as RightsFeature[])("has exactly what %s uses", async (feature) => {
    const using = fixture();
    using.server.store.put(SECRETS, rawSecret("gate", "keys", { "cosign.pub": "PEM" }));
    const granted = RIGHTS.filter((right) => right.feature === feature).flatMap(grantsOf);
    await FEATURES[feature](using);
    await soon(() => {
      // A read of one object needs no name in the right where its names are those of all workloads.
      const used = new Set(
        using.server.requests
          .map(needOf)
          .map((need) => (granted.includes(need) ? need : need.replace(" by name", ""))),
      );
      expect([...used].toSorted()).toEqual([...new Set(granted)].toSorted());
    });
  });

  it("says why for each right, and lets nobody list or write what it need not", () => {
    expect(RIGHTS.filter(({ why }) => why.length < 10)).toEqual([]);
    const wide = RIGHTS.filter(({ resource, names }) => resource === "secrets" && names === undefined);
    expect(wide.map(({ feature, scope, verbs }) => [feature, scope, verbs.join()])).toEqual([
      ["workload-pull-secrets", "cluster", "get"],
      ["self-managed-certificate", "gate", "create"],
    ]);
  });
});
