import fastify, { type FastifyInstance } from "fastify";

import { UNVERIFIED_CALLERS } from "../../src/admission/index.ts";
import {
  type ArgoCdClient,
  createArgoCd,
  createTargetStore,
  registerSync,
  RUNNING_PARTS,
  type SyncDeps,
  type SyncRecord,
} from "../../src/argocd/index.ts";
import type { TargetStoreDeps } from "../../src/argocd/target/target-store.ts";
import type { Digest, Mode, Verdict } from "../../src/core/index.ts";
import type { Gate, GateRequest, JointGate } from "../../src/gate/index.ts";
import { connect, createHookReader, createTokenReview, type KubeClient } from "../../src/kube/index.ts";
import { type FakeApiServer, startFakeApiServer } from "./fake-api-server.ts";
import { type FakeArgoCd, startFakeArgoCd } from "./fake-argo-cd.ts";

/** The token that the API server of these tests knows. */
export const TOKEN = "the-hook-token";
/** A commit. */
export const SHA = "a".repeat(40);
const SOURCE = { repoURL: "https://git.example/shop", path: ".", targetRevision: "main" };
const JOBS = "/apis/batch/v1/namespaces/shop/jobs";
const PODS = "/api/v1/namespaces/shop/pods";
const POD_CLAIMS = {
  "authentication.kubernetes.io/pod-name": ["mc-presync-x"],
  "authentication.kubernetes.io/pod-uid": ["pod-1"],
};

/** A gate with the endpoint of hooks, between a fake cluster and a fake Argo CD. */
export interface PresyncWorld {
  readonly app: FastifyInstance;
  readonly api: FakeApiServer;
  readonly argo: FakeArgoCd;
  /** Images that are refused, or could not be checked. */
  readonly against: Map<string, "finding" | "fault">;
  readonly asked: GateRequest[];
  readonly records: SyncRecord[];
  /** What metrics are told: `operation allowed`, `target rendered`. */
  readonly counted: string[];
  readonly deps: SyncDeps;
  readonly close: () => Promise<void>;
}

/** Starts one in which the hook of the Application `web` runs as it should. */
export async function startPresyncWorld(changes: Partial<ChangedDeps> = {}): Promise<PresyncWorld> {
  const [api, argo] = await Promise.all([startFakeApiServer(), startFakeArgoCd()]);
  const client = connect({ kubeconfig: api.kubeconfig });
  const argoCd = createArgoCd({ url: argo.url, token: () => "argo-token", parts: RUNNING_PARTS });
  const seen = { against: new Map<string, "finding" | "fault">(), asked: [], records: [] };
  const counted: string[] = [];
  const deps = { ...depsOf(seen, { client, argoCd }), ...changes };
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  const targets = createTargetStore({
    ...deps,
    observe: (outcome) => counted.push(`target ${outcome}`),
    waiting: () => undefined,
  });
  const answered: SyncDeps["answered"] = (door, decision) => counted.push(`${door} ${decision}`);
  const all = { presync: deps, operation: deps, verdict: deps, targets, answered };
  registerSync(app, all);
  api.identifies = hookIdentity;
  putHook(api);
  argo.applications.set("argocd/web", anApplication());
  const close = async (): Promise<void> => {
    await Promise.all([app.close(), client.close(), argoCd.close()]);
    await Promise.all([api.close(), argo.close()]);
  };
  return { ...seen, counted, app, api, argo, deps: all, close };
}

type ChangedDeps = Pick<TargetStoreDeps, "readTargetElsewhere"> &
  SyncDeps["presync"] &
  SyncDeps["operation"] &
  SyncDeps["verdict"];

interface Seen extends Pick<PresyncWorld, "against"> {
  readonly asked: GateRequest[];
  readonly records: SyncRecord[];
}

function depsOf(
  { against, asked, records }: Seen,
  { client, argoCd }: { readonly client: KubeClient; readonly argoCd: ArgoCdClient },
): ChangedDeps {
  return {
    gate: gateThat(against, asked),
    argoCds: [{ namespace: "argocd", ...argoCd }],
    modeOf: (): Mode => "enforce",
    defaultMode: "off",
    strictestMode: () => "enforce",
    otherClusters: "enforce",
    thisCluster: ["https://kubernetes.default.svc"],
    workloads: [],
    ownDigests: [],
    rolloutWindowMs: 3_600_000,
    now: () => new Date("2026-11-24T09:00:00Z"),
    observe: (record) => void records.push(record),
    cluster: { reviewToken: createTokenReview(client), read: createHookReader(client) },
    audience: "mc-gate",
    instanceLabels: ["app.kubernetes.io/instance", "argocd.argoproj.io/instance"],
    waitMs: 400,
    judgeMs: 5000,
    callers: UNVERIFIED_CALLERS,
    exempt: ["argocd/mc-gate"],
    selfHeal: "judge",
    runningImages: () => Promise.resolve([]),
    movingRevisions: "refuse",
    controllers: ["system:serviceaccount:argocd:argocd-application-controller"],
    audiences: ["mc-gate"],
    mayAsk: () => Promise.resolve(false),
    waiverAhead: () => false,
  };
}

/** What a TokenReview answers: the hook's identity for its token, and nobody for all others. */
export function hookIdentity({ token, audiences }: { token: string; audiences: readonly string[] }): object {
  if (token !== TOKEN || !audiences.includes("mc-gate")) return { authenticated: false, user: {} };
  const user = { username: "system:serviceaccount:shop:default", extra: POD_CLAIMS };
  return { authenticated: true, audiences: ["mc-gate"], user };
}

/** Puts the hook's Job and its pod into the cluster; an empty tracking id leaves the annotation out. */
export function putHook(
  api: FakeApiServer,
  trackingId = "web:batch/Job:shop/mc-presync",
  labels: Readonly<Record<string, string>> = {},
): void {
  const annotations = trackingId === "" ? {} : { "argocd.argoproj.io/tracking-id": trackingId };
  api.store.put(JOBS, { metadata: { name: "mc-presync", uid: "job-1", annotations, labels } });
  const owner = { apiVersion: "batch/v1", kind: "Job", name: "mc-presync", uid: "job-1", controller: true };
  putPod(api, { uid: "pod-1", ownerReferences: [owner] });
}

const ONE_CONTAINER = { containers: [{ name: "mc", image: "x" }] };

/** Puts the pod that the token is bound to. */
export function putPod(api: FakeApiServer, metadata: object, spec: object = ONE_CONTAINER): void {
  api.store.put(PODS, { metadata: { name: "mc-presync-x", ...metadata }, spec });
}

/** What a test changes of an Application. */
export interface ApplicationChanges {
  readonly namespace?: string;
  readonly spec?: object;
  readonly state?: object;
  readonly result?: object;
  readonly sync?: object;
}

/** An Application whose running operation lists the hook. */
export function anApplication({
  namespace = "argocd",
  spec,
  state,
  result,
  sync,
}: ApplicationChanges = {}): object {
  const phase = { hookType: "PreSync", hookPhase: "Running" };
  const hook = { group: "batch", kind: "Job", namespace: "shop", name: "mc-presync", ...phase };
  return {
    metadata: { name: "web", namespace, uid: "app-1", generation: 1 },
    spec: {
      source: SOURCE,
      destination: { server: "https://kubernetes.default.svc", namespace: "shop" },
      ...spec,
    },
    status: {
      operationState: {
        phase: "Running",
        operation: { sync: { revision: SHA, ...sync }, initiatedBy: { username: "ana" } },
        syncResult: { revision: SHA, source: SOURCE, resources: [hook], ...result },
        ...state,
      },
    },
  };
}

/** A Deployment with these images. */
export function deployment(...images: readonly string[]): object {
  const containers = images.map((image, at) => ({ name: `c${at}`, image }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { template: { spec: { containers } } },
  };
}

function gateThat(against: PresyncWorld["against"], asked: GateRequest[]): Gate & JointGate {
  const verdictOn = (request: GateRequest): Verdict => {
    asked.push(request);
    const { subjects } = request;
    const mode = request.mode();
    const objections = subjects.flatMap((subject): Verdict["objections"] => {
      const what = against.get(subject.image);
      if (what === "finding")
        return [{ kind: "finding", code: "signature/missing", subject, message: "no signature was found" }];
      return what === "fault"
        ? [{ kind: "fault", code: "registry/unavailable", subject, message: "it did not answer" }]
        : [];
    });
    const judged = subjects.map(({ image }) => ({
      image,
      digest: image.split("@")[1] as Digest,
      rules: [],
      proofs: [],
    }));
    const refused = mode === "enforce" ? "deny" : "warn";
    const decision = objections.length > 0 ? refused : "allow";
    return { decision, mode, objections, waived: [], judged };
  };
  return {
    admit: (request) => Promise.resolve(verdictOn(request)),
    admitAll: (requests) => Promise.resolve(requests.map(verdictOn)),
  };
}
