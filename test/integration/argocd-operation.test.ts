import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import {
  anApplication,
  deployment,
  type PresyncWorld,
  SHA,
  startPresyncWorld,
} from "../support/presync-world.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
const OTHER = `registry.example/team/other@${digestOf("other")}`;
const CONTROLLER = "system:serviceaccount:argocd:argocd-application-controller";
const SOURCE = { repoURL: "https://git.example/shop", path: ".", targetRevision: "main" };
let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(APP)];
});
afterEach(() => world.close());

interface Answer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
}

interface Change {
  readonly spec?: object;
  readonly sync?: object;
  readonly operation?: object | null;
  readonly old?: object;
  readonly metadata?: object;
  readonly status?: object;
  readonly subResource?: string;
  readonly user?: string;
  readonly kind?: string;
  readonly dryRun?: boolean;
  readonly timeout?: string;
}

/** An Application of which no operation is in progress. */
function application(): Record<string, object> {
  return { ...(anApplication() as Record<string, object>), status: {} };
}

/** The start of a sync, as the API server asks about it. */
function reviewOf({
  spec,
  sync,
  operation,
  old,
  metadata,
  status = {},
  subResource = "",
  user = CONTROLLER,
  kind = "Application",
  dryRun,
}: Change): object {
  const base = application();
  const object: Record<string, object> = { ...base, spec: { ...base["spec"], ...spec } };
  const started = operation === undefined ? { sync: { revision: SHA, source: SOURCE, ...sync } } : operation;
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "u-1",
      kind: { group: "argoproj.io", version: "v1alpha1", kind },
      namespace: "argocd",
      name: "web",
      subResource,
      operation: "UPDATE",
      userInfo: { username: user },
      object: { ...object, metadata: { ...object["metadata"], ...metadata }, operation: started, status },
      oldObject: { ...object, ...old },
      dryRun,
    },
  };
}

async function ask(change: Change = {}): Promise<Answer> {
  const answer = await world.app.inject({
    method: "POST",
    url: `/validate/operation?timeout=${change.timeout ?? "10s"}`,
    headers: { "content-type": "application/json" },
    payload: JSON.stringify(reviewOf(change)),
  });
  return answer.json<{ response: Answer }>().response;
}

describe("the start of a sync", () => {
  it.each<[string, Change]>([
    ["of the whole Application", {}],
    [
      "of some resources, which is what a self-heal is",
      { sync: { resources: [{ kind: "ConfigMap", name: "c" }] } },
    ],
    ["with the apply strategy", { sync: { syncStrategy: { apply: {} } } }],
    ["by kubectl, without sources", { operation: { sync: { revision: SHA } }, user: "ana" }],
    ["back to an older revision", { sync: { revision: "c".repeat(40) } }],
    ["from local files", { sync: { revision: "", manifests: [JSON.stringify(deployment(APP))] } }],
  ])(
    "%s is refused with the reason where an image may not run, and allowed where it may",
    async (_, change) => {
      expect(await ask(change)).toEqual({
        uid: "u-1",
        allowed: true,
        auditAnnotations: { caller: "unverified" },
      });
      world.against.set(APP, "finding");
      const { allowed, status } = await ask(change);
      expect([allowed, status?.code]).toEqual([false, 403]);
      expect(status?.message).toContain(`${APP} (Deployment "web", container "c0") is refused`);
      expect(status?.message).toContain("[signature/missing]. Sign the digest");
    },
  );

  it("is rendered at the revision that the operation names", async () => {
    await ask({ sync: { revision: "c".repeat(40) } });
    expect(world.argo.questions[0]?.query.get("revision")).toBe("c".repeat(40));
  });

  it("is refused where the revision may move, in an enforcing namespace", async () => {
    const { allowed, status } = await ask({ sync: { revision: "main" } });
    expect(allowed).toBe(false);
    expect(status?.message).toContain('the revision "main" may move');
  });

  it("is refused where a retry would take the newest revision, in an enforcing namespace", async () => {
    const sync = { revision: SHA, source: SOURCE };
    const refreshing = { sync, retry: { limit: -1, refresh: true } };
    const { allowed, status } = await ask({ operation: refreshing });
    expect([allowed, status?.code]).toEqual([false, 403]);
    expect(status?.message).toContain("set retry.refresh to false");
    expect((await ask({ operation: { sync, retry: { limit: -1, refresh: false } } })).allowed).toBe(true);
    const local = { ...refreshing, sync: { manifests: [JSON.stringify(deployment(APP))] } };
    expect((await ask({ operation: local })).allowed).toBe(true);
  });

  it("is refused where the retry that takes the newest revision is that of its state", async () => {
    const sync = { revision: SHA, source: SOURCE };
    const state = { phase: "Running", operation: { sync, retry: { refresh: true } } };
    expect((await ask({ user: "ana", status: { operationState: state } })).allowed).toBe(false);
  });

  it("is rendered anew each time where the revision may move", async () => {
    await world.close();
    world = await startPresyncWorld({ modeOf: () => "advisory" });
    world.argo.render = () => [deployment(APP)];
    for (const _ of [1, 2]) expect((await ask({ sync: { revision: "main" } })).allowed).toBe(true);
    expect(world.argo.questions).toHaveLength(2);
  });

  it("is refused with other parameters than the spec's, which Argo CD cannot render", async () => {
    const source = { ...SOURCE, helm: { values: "image: evil" } };
    expect((await ask({ sync: { source } })).status?.message).toContain("[target/unclear]");
  });

  it("is told to ask again while rendering takes too long; that goes on, and answers the next who asks", async () => {
    const slow = Promise.withResolvers<readonly object[]>();
    world.argo.render = () => slow.promise;
    const first = await ask({ timeout: "1s" });
    expect([first.allowed, first.status?.code]).toEqual([false, 503]);
    expect(first.status?.message).toContain("PENDING");
    const second = await ask({ timeout: "1s" });
    expect(second.status?.message).toContain("PENDING");
    slow.resolve([deployment(APP)]);
    expect((await ask({ timeout: "1s" })).allowed).toBe(true);
    expect(world.argo.questions).toHaveLength(1);
    expect(world.counted.toSorted()).toEqual([
      "operation allowed",
      "operation pending",
      "operation pending",
      "target rendered",
      "target stored",
      "target stored",
    ]);
  });

  it("is told to ask again where Argo CD or a registry does not answer", async () => {
    world.argo.onRequest = () => ({ status: 500, body: "" });
    expect((await ask()).status?.code).toBe(503);
    world.argo.onRequest = () => undefined;
    world.against.set(APP, "fault");
    expect((await ask()).status?.code).toBe(503);
  });

  it("is rendered once for the same revision, and judged anew each time", async () => {
    await ask();
    world.against.set(APP, "finding");
    expect((await ask()).allowed).toBe(false);
    expect(world.argo.questions).toHaveLength(1);
  });

  it("is judged where a waiting operation meets other sources", async () => {
    world.against.set(APP, "finding");
    const operation = { sync: { revision: SHA } };
    const spec = { ...application()["spec"], source: { ...SOURCE, path: "old" } };
    expect((await ask({ operation, old: { operation, spec } })).allowed).toBe(false);
  });

  it("is told to change the spec first where both change together, and nothing is kept of it", async () => {
    const spec = { source: { ...SOURCE, path: "other" } };
    const operation = { sync: { revision: SHA } };
    const { allowed, status } = await ask({ spec, operation, old: { spec: application()["spec"] } });
    expect([allowed, status?.code]).toEqual([false, 503]);
    expect(status?.message).toContain("change the spec first, then start the sync");
    expect(world.argo.questions).toEqual([]);
    const local = { sync: { manifests: [JSON.stringify(deployment(APP))] } };
    expect((await ask({ spec, operation: local, old: { spec: application()["spec"] } })).allowed).toBe(true);
  });

  it("is judged where the spec changes with it in what renders the same", async () => {
    const old = { spec: { ...application()["spec"], source: { ...SOURCE, ref: "" }, syncPolicy: {} } };
    expect((await ask({ old })).allowed).toBe(true);
  });

  it.each(["https://kubernetes.default.svc/", "https://kubernetes.default.svc//"])(
    "to this cluster as %s is judged as one to this cluster",
    async (server) => {
      await world.close();
      world = await startPresyncWorld({ otherClusters: "off" });
      world.argo.render = () => [deployment(APP)];
      world.against.set(APP, "finding");
      world.argo.applications.set(
        "argocd/web",
        anApplication({ spec: { destination: { server, namespace: "shop" } } }),
      );
      expect((await ask({ spec: { destination: { server, namespace: "shop" } } })).allowed).toBe(false);
    },
  );

  it("is logged with who started it", async () => {
    await ask({ user: "ana", dryRun: true });
    expect(world.records[0]).toMatchObject({ asked: "operation", initiatedBy: "ana", dryRun: true });
  });
});

describe("what starts no sync that is judged", () => {
  const operation = { sync: { revision: SHA, source: SOURCE } };

  it.each<[string, Change]>([
    ["a change without an operation", { operation: null }],
    ["an operation that was there before", { operation, old: { operation } }],
    ["a dry run of Argo CD's", { sync: { dryRun: true } }],
    ["an operation of another kind", { operation: { info: [] } }],
    ["another kind of object", { kind: "AppProject" }],
    ["the gate's own Application", { metadata: { name: "mc-gate" } }],
  ])("passes: %s", async (_, change) => {
    world.against.set(APP, "finding");
    expect(await ask(change)).toEqual({
      uid: "u-1",
      allowed: true,
      auditAnnotations: { caller: "unverified" },
    });
    expect(world.asked).toEqual([]);
  });

  it("is never an Application that cannot be read", async () => {
    expect((await ask({ operation: { sync: { revision: 1 } } })).allowed).toBe(false);
  });

  it("is answered with 400 where it is no review", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await world.app.inject({
      method: "POST",
      url: "/validate/operation",
      headers,
      payload: "{}",
    });
    expect(answer.statusCode).toBe(400);
  });
});

const EVIL = "e".repeat(40);
const EVIL_IMAGE = `registry.example/team/evil@${digestOf("evil")}`;

function running(sync: object, more: object = {}): object {
  return { operationState: { phase: "Running", operation: { sync }, ...more } };
}

/** Argo CD takes up the operation of the state, and where there is one its result. */
describe("an operation that is forged in the state", () => {
  const good = { revision: SHA, source: SOURCE };
  const evil = { revision: EVIL, source: SOURCE };
  const result = { syncResult: { ...good } };
  const operation = { sync: good };
  /** What a judged operation looks like while it runs. */
  const judged = { operation, old: { operation, status: running(good, result) }, user: "ana" };

  beforeEach(() => {
    world.argo.render = (query) => [deployment(query.get("revision") === EVIL ? EVIL_IMAGE : APP)];
    world.against.set(EVIL_IMAGE, "finding");
  });

  it.each<[string, Change]>([
    ["beside a dry run", { operation: { sync: { ...good, dryRun: true } }, status: running(evil) }],
    ["beside an operation without a sync", { operation: { info: [] }, status: running(evil) }],
    ["beside an empty operation", { operation: {}, status: running(evil) }],
    ["beside one that may run", { operation, status: running(evil) }],
    ["with a result that names it", { operation, status: running(good, { syncResult: evil }) }],
    [
      "for a retry, whose result does not count",
      { operation, status: running(evil, { ...result, finishedAt: "2026-11-24T12:00:00Z" }) },
    ],
    ["for a retry after a result that may run", { operation, status: running(evil, result) }],
    ["in a phase that there is not", { operation: {}, status: running(evil, { phase: "Later" }) }],
    ["under one that was judged and runs", { ...judged, status: running(evil, result) }],
    [
      "in the result of one that was judged and runs",
      { ...judged, status: running(good, { syncResult: evil }) },
    ],
    ["by a subresource of the status", { ...judged, subResource: "status", status: running(evil) }],
    [
      "to be taken up after a termination",
      {
        operation,
        old: { operation, status: running(evil, { phase: "Terminating" }) },
        user: "ana",
        status: running(evil),
      },
    ],
    [
      "to be started again, since its state is gone",
      {
        operation: { sync: evil },
        old: { operation: { sync: evil }, status: running(good) },
        user: "ana",
        status: {},
      },
    ],
    [
      "to be started again, since its state is over",
      {
        operation: { sync: evil },
        old: { operation: { sync: evil }, status: running(good) },
        user: "ana",
        status: running(good, { phase: "Succeeded" }),
      },
    ],
  ])("is refused: %s", async (_, change) => {
    const { allowed, status } = await ask({ user: "ana", ...change });
    expect(allowed).toBe(false);
    expect(status?.message).toContain(`${EVIL_IMAGE} (Deployment "web", container "c0") is refused`);
  });

  it("is refused where it would take its source from a spec that is changed under it", async () => {
    const forged = running({ revision: SHA });
    world.argo.render = () => [deployment(EVIL_IMAGE)];
    const spec = { ...application()["spec"], source: { ...SOURCE, path: "old" } };
    const change = { operation: {}, status: forged, old: { operation: {}, status: forged, spec } };
    expect((await ask(change)).allowed).toBe(false);
  });

  it.each<[string, Change]>([
    ["the same operation", { ...judged, status: running(good, result) }],
    ["a message", { ...judged, status: running(good, { ...result, message: "waits" }) }],
    [
      "a result of a resource",
      {
        ...judged,
        status: running(good, { syncResult: { ...good, resources: [{ kind: "Job", name: "j" }] } }),
      },
    ],
    ["a termination", { ...judged, status: running(good, { ...result, phase: "Terminating" }) }],
    [
      "a termination of what may not run any more",
      {
        operation: { sync: evil },
        old: { operation: { sync: evil }, status: running(evil) },
        user: "ana",
        status: running(evil, { phase: "Terminating" }),
      },
    ],
    [
      "the controller's word on the state",
      { ...judged, user: CONTROLLER, status: running(evil, { syncResult: evil }) },
    ],
    ["a state without an operation", { operation: null, status: running(evil) }],
    ["a forged state that is a dry run", { operation: {}, status: running({ ...evil, dryRun: true }) }],
    ["a forged state that is over", { operation: {}, status: running(evil, { phase: "Failed" }) }],
  ])("is not seen in %s, about which nobody is asked", async (_, change) => {
    expect((await ask({ user: "ana", ...change })).allowed).toBe(true);
    expect(world.asked).toEqual([]);
  });

  it("is not seen in the result of an attempt that is over, which a retry drops", async () => {
    const waiting = running(good, { syncResult: evil, finishedAt: "2026-11-24T12:00:00Z" });
    expect((await ask({ ...judged, status: waiting })).allowed).toBe(true);
    expect(world.asked).toHaveLength(1);
  });

  it("is read once where all that could run is the same", async () => {
    expect((await ask({ operation, status: running(good, result), user: "ana" })).allowed).toBe(true);
    expect(world.asked).toHaveLength(1);
  });

  it.each([{ phase: 1 }, { phase: "Running" }, { phase: "Running", operation: { sync: { revision: 1 } } }])(
    "is refused where the state cannot be read: %j",
    async (operationState) => {
      expect((await ask({ operation: {}, user: "ana", status: { operationState } })).allowed).toBe(false);
    },
  );
});

describe("a self-heal", () => {
  const heal = { sync: { resources: [{ kind: "Deployment", name: "web" }] } };
  const old = { status: { summary: { images: [APP] } } };

  beforeEach(async () => {
    await world.close();
    world = await startPresyncWorld({ selfHeal: "keep" });
    world.argo.render = () => [deployment(APP, OTHER)];
    world.against.set(APP, "finding");
  });

  it("keeps what runs already, where the settings say so", async () => {
    expect((await ask({ ...heal, old })).allowed).toBe(true);
    expect(world.asked.flatMap(({ subjects }) => subjects.map(({ image }) => image))).toEqual([OTHER]);
  });

  it.each<[string, Change]>([
    ["brings an image that does not run yet", { ...heal, old: { status: { summary: { images: [OTHER] } } } }],
    ["is somebody else's word", { ...heal, old, user: "ana" }],
    ["is a whole sync", { old }],
  ])("is judged where it %s", async (_, change) => {
    expect((await ask(change)).allowed).toBe(false);
  });
});
