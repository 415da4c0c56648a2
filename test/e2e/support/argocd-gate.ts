import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";

import type { FastifyInstance } from "fastify";

import { createArgoCd } from "../../../src/argocd/index.ts";
import { composeGate } from "../../../src/cli/compose.ts";
import { connect, createHookReader, createTokenReview } from "../../../src/kube/index.ts";
import { registerSync, type SyncDeps } from "../../../src/presync/index.ts";
import { RegistrySettings } from "../../../src/registry/index.ts";
import { buildServer } from "../../../src/server/index.ts";
import { ARGOCD_NAMESPACE } from "./argocd-objects.ts";
import type { ArgoCdAccess } from "./argocd.ts";
import { makeServingCertificate } from "./certificates.ts";
import type { Cluster } from "./cluster.ts";
import type { KeyPair } from "./cosign.ts";

/** What the gate of these scenarios runs with. */
export interface SyncGateOptions {
  readonly cluster: Cluster;
  readonly argo: ArgoCdAccess;
  /** `host:port` of a registry on loopback, all images of which need a signature by this key. */
  readonly registry: string;
  readonly keys: KeyPair;
}

/** The gate's real pipeline and its endpoints for syncs, over HTTPS, in the test's own process. */
export interface SyncGate {
  readonly url: string;
  /** PEM. */
  readonly authority: string;
  /** Throws where the text is none that counts. */
  readonly setWaivers: (...waivers: readonly object[]) => void;
  /** Ends every connection and listens no more; `up` listens on the same port again. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const CONTROLLER = "system:serviceaccount:argocd:argocd-application-controller";

/** Starts a gate that holds every namespace to `enforce`. */
export async function startSyncGate(options: SyncGateOptions): Promise<SyncGate> {
  const { cluster, argo, registry, keys } = options;
  const hosts = { [registry]: { plainHttp: true, allowLoopback: true } };
  const composed = composeGate({
    registries: RegistrySettings.parse({ hosts }),
    publicGood: () => {
      throw new Error("no public instance is used here");
    },
    now: () => new Date(),
  });
  accept(composed.policy.offer(policyOf(registry, readFileSync(keys.publicKey, "utf8"))));
  accept(composed.waivers.offer("waivers: []"));
  accept(composed.revocations.offer("revocations: []"));
  const client = connect({ kubeconfig: cluster.kubeconfig });
  const argoCd = createArgoCd({ url: argo.url, token: () => argo.gateToken });
  const deps = depsOf({ gate: composed.gate, client, argoCd });
  const server = await serving((app) => registerSync(app, { presync: deps, operation: deps, verdict: deps }));
  return {
    ...server,
    setWaivers: (...waivers) => accept(composed.waivers.offer(JSON.stringify({ waivers }))),
    stop: async () => {
      await server.down();
      await Promise.all([composed.close(), client.close(), argoCd.close()]);
    },
  };
}

function accept(problems: readonly unknown[]): void {
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
}

function policyOf(registry: string, pem: string): string {
  const require = { signature: { anyOf: ["operations"] } };
  return JSON.stringify({
    authorities: { operations: { key: { pem, transparencyLog: "notRequired" } } },
    rules: [{ name: "all", images: [`${registry}/**`], require }],
  });
}

interface Means {
  readonly gate: SyncDeps["presync"]["gate"];
  readonly client: ReturnType<typeof connect>;
  readonly argoCd: ReturnType<typeof createArgoCd>;
}

function depsOf({
  gate,
  client,
  argoCd,
}: Means): SyncDeps["presync"] & SyncDeps["operation"] & SyncDeps["verdict"] {
  return {
    gate,
    argoCds: [{ namespace: ARGOCD_NAMESPACE, ...argoCd }],
    cluster: { reviewToken: createTokenReview(client), read: createHookReader(client) },
    audience: "mc-gate",
    audiences: ["mc-gate"],
    modeOf: () => "enforce",
    defaultMode: "enforce",
    otherClusters: "enforce",
    thisCluster: ["https://kubernetes.default.svc"],
    workloads: [],
    ownDigests: [],
    rolloutWindowMs: 0,
    waitMs: 7_000,
    judgeMs: 10_000,
    exempt: [],
    selfHeal: "judge",
    controllers: [CONTROLLER],
    mayAsk: () => Promise.resolve(false),
    waiverAhead: () => false,
    now: () => new Date(),
    observe: () => undefined,
  };
}

type Serving = Pick<SyncGate, "url" | "authority" | "down" | "up">;

async function serving(register: (app: FastifyInstance) => void): Promise<Serving> {
  const { key, certificate, authority } = await makeServingCertificate(["127.0.0.1"]);
  const source = {
    current: () => ({ cert: certificate, key }),
    onChange: () => undefined,
    close: () => undefined,
  };
  const listen = async (port: number): Promise<FastifyInstance> => {
    const app = buildServer(source, (plain) => {
      plain.removeAllContentTypeParsers();
      plain.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) =>
        done(null, body),
      );
      register(plain);
    });
    await app.listen({ host: "127.0.0.1", port });
    return app;
  };
  let app: FastifyInstance | undefined = await listen(0);
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    authority,
    down: async () => {
      await app?.close();
      app = undefined;
    },
    up: async () => {
      app ??= await listen(port);
    },
  };
}
