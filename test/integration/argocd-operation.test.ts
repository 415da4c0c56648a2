import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf, type Mode } from "../../src/core/index.ts";
import { soon } from "../support/kube-fixture.ts";
import { deployment, type PresyncWorld, SHA, startPresyncWorld } from "../support/presync-world.ts";
import {
  CONTROLLER,
  idleApplication,
  SOURCE,
  startSync,
  type SyncStart,
  type SyncStartAnswer,
} from "../support/sync-start.ts";
import { toldImage } from "../support/told-image.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
const OTHER = `registry.example/team/other@${digestOf("other")}`;
let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(APP)];
});
afterEach(() => world.close());

function ask(change: SyncStart = {}): Promise<SyncStartAnswer> {
  return startSync(world, change);
}

function idleAt(generation: number): object {
  const { metadata, ...rest } = idleApplication();
  return { ...rest, metadata: { ...metadata, generation } };
}

describe("the start of a sync", () => {
  it.each<[string, SyncStart]>([
    ["of the whole Application", {}],
    [
      "of some resources, which is what a self-heal is",
      { sync: { resources: [{ group: "apps", kind: "Deployment", name: "web" }] } },
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
      expect(status?.message).toContain(`${toldImage(APP)} (Deployment "web", container "c0") is refused`);
      expect(status?.message).toContain("[signature/missing]\nDo: Sign the digest");
    },
  );

  it("is rendered at the revision that the operation names", async () => {
    await ask({ sync: { revision: "c".repeat(40) } });
    expect(world.argo.renders()[0]?.query.get("revision")).toBe("c".repeat(40));
  });

  it("is refused where the revision may move, in an enforcing namespace", async () => {
    const { allowed, status } = await ask({ sync: { revision: "main" } });
    expect(allowed).toBe(false);
    expect(status?.message).toContain(`"main", which ${CONTROLLER} names as the revision, may move`);
    expect(status?.message).toContain("[target/moving]");
  });

  it("is refused where a retry would take the newest revision, in an enforcing namespace", async () => {
    const sync = { revision: SHA, source: SOURCE };
    const refreshing = { sync, retry: { limit: -1, refresh: true } };
    const { allowed, status } = await ask({ operation: refreshing });
    expect([allowed, status?.code]).toEqual([false, 503]);
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
    expect(world.argo.renders()).toHaveLength(2);
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
    expect(world.argo.renders()).toHaveLength(1);
    expect(world.counted.toSorted()).toEqual([
      "operation allowed",
      "operation pending",
      "operation pending",
      "target rendered",
      "target stored",
      "target stored",
    ]);
  });

  it("is answered beside 49 others, each of another Application, by its own render", async () => {
    const slow = Promise.withResolvers<readonly object[]>();
    world.argo.render = () => slow.promise;
    const revisions = Array.from({ length: 50 }, (_, at) => at.toString(16).padStart(40, "0"));
    const answers = revisions.map((revision) => ask({ sync: { revision } }));
    await soon(() => expect(world.argo.renders()).toHaveLength(24));
    slow.resolve([deployment(APP)]);
    expect((await Promise.all(answers)).filter(({ allowed }) => allowed)).toHaveLength(50);
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
    expect(world.argo.renders()).toHaveLength(1);
  });

  const elsewhere = { spec: { ...idleApplication()["spec"], source: { ...SOURCE, path: "old" } } };
  const toOthers = {
    spec: { ...idleApplication()["spec"], destination: { name: "spoke", namespace: "shop" } },
  };

  it.each<[string, object, object]>([
    ["other sources, and takes them from the spec", { revision: SHA }, elsewhere],
    ["another destination", { revision: SHA, source: SOURCE }, toOthers],
  ])("is told to wait where a waiting operation meets %s", async (_, sync, spec) => {
    const operation = { sync };
    const { allowed, status } = await ask({ operation, old: { operation, ...spec } });
    expect([allowed, status?.code]).toEqual([false, 503]);
    expect(status?.message).toContain("argocd app terminate-op");
    expect(world.argo.questions).toEqual([]);
  });

  it.each<[string, object, object]>([
    ["other sources than those that it names", { revision: SHA, source: SOURCE }, elsewhere],
    ["another policy", { revision: SHA }, { spec: { ...idleApplication()["spec"], syncPolicy: {} } }],
  ])("is not asked about again where a waiting operation meets %s", async (_, sync, spec) => {
    world.against.set(APP, "finding");
    const operation = { sync };
    expect((await ask({ operation, old: { operation, ...spec } })).allowed).toBe(true);
    expect(world.argo.questions).toEqual([]);
  });

  it("is judged by no spec but its own, while Argo CD still has the one before it", async () => {
    world.argo.render = () => [deployment(APP)];
    const { allowed, status } = await ask({ cached: { ...idleApplication(), ...elsewhere } });
    expect([allowed, status?.code]).toEqual([false, 503]);
    expect(status?.message).toContain("[target/changing]");
    expect(world.argo.renders()).toEqual([]);
    world.argo.render = () => [deployment(OTHER)];
    world.against.set(OTHER, "finding");
    expect((await ask()).status?.message).toContain(toldImage(OTHER));
  });

  it("is not judged by what is rendered while the spec changes there and back", async () => {
    let generation = 1;
    world.argo.onRequest = () => {
      world.argo.applications.set("argocd/web", idleAt((generation += 1)));
      return undefined;
    };
    const { allowed, status } = await ask();
    expect([allowed, status?.code]).toEqual([false, 503]);
    expect(status?.message).toContain("keeps changing");
    world.argo.onRequest = () => undefined;
    expect((await ask()).allowed).toBe(true);
  });

  it("is told to change the spec first where both change together, and nothing is kept of it", async () => {
    const spec = { source: { ...SOURCE, path: "other" } };
    const operation = { sync: { revision: SHA } };
    const { allowed, status } = await ask({ spec, operation, old: { spec: idleApplication()["spec"] } });
    expect([allowed, status?.code]).toEqual([false, 503]);
    expect(status?.message).toContain("Write the spec first, then start the sync");
    expect(world.argo.questions).toEqual([]);
    const local = { sync: { manifests: [JSON.stringify(deployment(APP))] } };
    expect((await ask({ spec, operation: local, old: { spec: idleApplication()["spec"] } })).allowed).toBe(
      true,
    );
  });

  it("is judged where the spec changes with it in what renders the same", async () => {
    const old = { spec: { ...idleApplication()["spec"], source: { ...SOURCE, ref: "" }, syncPolicy: {} } };
    expect((await ask({ old })).allowed).toBe(true);
  });

  it.each(["https://kubernetes.default.svc/", "https://kubernetes.default.svc//"])(
    "to this cluster as %s is judged as one to this cluster",
    async (server) => {
      await world.close();
      world = await startPresyncWorld({ otherClusters: "off" });
      world.argo.render = () => [deployment(APP)];
      world.against.set(APP, "finding");
      expect((await ask({ spec: { destination: { server, namespace: "shop" } } })).allowed).toBe(false);
    },
  );

  it("is logged with who started it", async () => {
    await ask({ user: "ana", dryRun: true });
    expect(world.records[0]).toMatchObject({ askedBy: "operation", initiatedBy: "ana", dryRun: true });
  });
});

const ROLLING = "system:serviceaccount:argocd:argocd-applicationset-controller";
const KARGO = "system:serviceaccount:kargo:kargo-controller";
const BRANCH = { source: SOURCE };
const COMMIT = { source: { ...SOURCE, targetRevision: SHA } };
const NEWEST = { source: { ...SOURCE, targetRevision: undefined } };
const MANY = { source: undefined, sources: [COMMIT.source, { ...COMMIT.source, path: "side" }] };

/** Whoever writes an operation past Argo CD's API server, and how. */
const WRITERS: [name: string, change: SyncStart, starter: string][] = [
  [
    "ApplicationSet RollingSync",
    {
      user: ROLLING,
      operation: { initiatedBy: { username: "applicationset-controller", automated: true }, sync: {} },
    },
    `${ROLLING} (for automated)`,
  ],
  [
    "Kargo's argocd-update",
    {
      user: KARGO,
      operation: { initiatedBy: { username: "kargo-controller" }, sync: { revisions: [] }, info: [] },
      status: {},
      old: { status: running({}, { phase: "Succeeded" }) },
    },
    `${KARGO} (for kargo-controller)`,
  ],
  ["kubectl patch with an empty sync", { user: "ana", operation: { sync: {} } }, "ana"],
  [
    "kubectl patch with a strategy",
    { user: "ana", operation: { sync: { syncStrategy: { hook: {} } } } },
    "ana",
  ],
  ["kubectl patch with an empty revision", { user: "ana", operation: { sync: { revision: "" } } }, "ana"],
];

async function restart(changes: Parameters<typeof startPresyncWorld>[0]): Promise<void> {
  await world.close();
  world = await startPresyncWorld(changes);
  world.argo.render = () => [deployment(APP)];
}

function inMode(mode: Mode): Promise<void> {
  return restart({ modeOf: () => mode, strictestMode: () => mode, otherClusters: mode });
}

describe("a sync that names no revision", () => {
  it.each(WRITERS)("is judged at the commit of the spec, by %s", async (_, change) => {
    for (const spec of [COMMIT, MANY]) {
      world.against.clear();
      expect((await ask({ ...change, spec })).allowed).toBe(true);
      world.against.set(APP, "finding");
      expect((await ask({ ...change, spec })).status).toMatchObject({ code: 403 });
    }
    const { query } = world.argo.renders()[0]!;
    expect(query.get("revision")).toBe(SHA);
  });

  it.each(WRITERS)(
    "of a branch is PENDING in an enforcing namespace, by %s, who is named",
    async (_, change, by) => {
      const { allowed, status } = await ask({ ...change, spec: BRANCH });
      expect([allowed, status?.code]).toEqual([false, 503]);
      expect(status?.message).toContain(`PENDING`);
      expect(status?.message).toContain(`${by} names no revision, so Argo CD uses "main"`);
    },
  );

  it("of a chart in a registry is PENDING, and says that its version is a tag", async () => {
    const source = { repoURL: "registry.example/charts", chart: "web", targetRevision: "1.2.3" };
    const { status } = await ask({ operation: { sync: {} }, spec: { source } });
    expect(status?.message).toContain(
      'uses "1.2.3" as it is when the sync starts; it is a tag of a registry',
    );
  });

  it.each(WRITERS)(
    "of a branch is judged as it is now where the settings say so, by %s",
    async (_, change) => {
      await restart({ movingRevisions: "judge" });
      expect((await ask({ ...change, spec: BRANCH })).allowed).toBe(true);
      world.against.set(APP, "finding");
      expect((await ask({ ...change, spec: BRANCH })).status).toMatchObject({ code: 403 });
      expect(world.argo.renders().map(({ query }) => query.get("revision"))).toEqual(["main", "main"]);
    },
  );

  it.each<[string, SyncStart, string]>([
    [
      "where the spec loses its targetRevision in the same change",
      { spec: NEWEST, operation: { sync: {} }, old: { spec: { ...idleApplication()["spec"], ...BRANCH } } },
      "[target/changing]",
    ],
    [
      "where the operation names the source without one",
      { spec: BRANCH, operation: { sync: NEWEST } },
      "[target/unclear]",
    ],
  ])("is not judged by another branch than the newest revision, %s", async (_, change, code) => {
    await restart({ movingRevisions: "judge" });
    const { allowed, status } = await ask({ ...change, user: "ana" });
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(code)]);
    expect(world.argo.renders()).toEqual([]);
    expect((await ask({ spec: NEWEST, operation: { sync: {} }, user: "ana" })).allowed).toBe(true);
  });

  it.each(WRITERS)(
    "starts in an advisory namespace, with a warning about the image, by %s",
    async (_, change) => {
      await restart({ modeOf: () => "advisory" });
      world.against.set(APP, "finding");
      const { allowed, warnings } = await ask({ ...change, spec: BRANCH });
      expect([allowed, warnings]).toEqual([true, [expect.stringContaining("app@sha256:")]]);
    },
  );

  it.each(WRITERS)("starts where the mode is off, by %s", async (_, change) => {
    await restart({ modeOf: () => "off" });
    world.against.set(APP, "finding");
    expect(await ask({ ...change, spec: BRANCH })).toMatchObject({ allowed: true });
  });

  it("is PENDING in an enforcing namespace, whatever the branch holds now", async () => {
    world.argo.render = () => [];
    expect((await ask({ operation: { sync: {} } })).status).toMatchObject({ code: 503 });
  });

  it("is judged at a commit that the spec names from the same change on, as Kargo writes both", async () => {
    const old = { spec: { ...idleApplication()["spec"], ...BRANCH } };
    expect((await ask({ operation: { sync: {} }, spec: COMMIT, old })).allowed).toBe(true);
    expect(world.argo.renders()[0]?.query.get("revision")).toBe(SHA);
  });
});

/** Whatever keeps the gate from knowing what a sync would apply. */
const FAULTS: [name: string, change: SyncStart, arrange?: () => void][] = [
  ["an Argo CD that fails", {}, () => void (world.argo.onRequest = () => ({ status: 500, body: "" }))],
  ["rendering that takes too long", { timeout: "1s" }, () => (world.argo.render = () => undefined)],
  [
    "manifests that cannot be read",
    {},
    () => (world.argo.render = () => [{ ...deployment(APP), spec: { template: 1 } }]),
  ],
  ["sources that cannot be told", { sync: { source: { ...SOURCE, helm: { values: "a: b" } } } }],
  ["an operation that cannot be read", { operation: { sync: { revision: 1 } } }],
  [
    "a spec that changes with the operation",
    { old: { spec: { ...idleApplication()["spec"], project: "other" } } },
  ],
];

describe("a fault before the images are known", () => {
  it.each(FAULTS)("is refused in an enforcing namespace: %s", async (_, change, arrange) => {
    arrange?.();
    const { allowed, status } = await ask(change);
    expect([allowed, status?.message]).toEqual([false, expect.stringMatching(/\[[a-z]+\/[a-z]+\]/)]);
  });

  it.each(FAULTS)("is a warning in an advisory namespace: %s", async (_, change, arrange) => {
    await inMode("advisory");
    arrange?.();
    const { allowed, warnings } = await ask(change);
    expect([allowed, warnings]).toEqual([true, [expect.stringMatching(/^mc-gate advisory: .+/)]]);
  });

  it.each(FAULTS)("is nothing where the mode is off: %s", async (_, change, arrange) => {
    await inMode("off");
    arrange?.();
    const { allowed, warnings } = await ask(change);
    expect([allowed, warnings]).toEqual([true, undefined]);
  });

  it("follows the namespaces in which the Application has objects already", async () => {
    await restart({ modeOf: (name) => (name === "bank" ? "enforce" : "off") });
    world.argo.onRequest = () => ({ status: 500, body: "" });
    expect((await ask()).allowed).toBe(true);
    const status = {
      resources: [
        { kind: "ConfigMap", name: "c" },
        { kind: "ConfigMap", namespace: "bank" },
      ],
    };
    expect((await ask({ status })).allowed).toBe(false);
  });

  it("follows the namespaces of the target once these are known", async () => {
    await world.close();
    world = await startPresyncWorld({ modeOf: (name) => (name === "bank" ? "enforce" : "off") });
    world.argo.render = () => [{ ...deployment(APP), metadata: { name: "web", namespace: "bank" } }];
    expect((await ask({ sync: { revision: "main" } })).allowed).toBe(false);
  });
});

describe("what starts no sync that is judged", () => {
  const operation = { sync: { revision: SHA, source: SOURCE } };

  it.each<[string, SyncStart]>([
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

/** What was there before a change, while an operation waits. */
function before(sync: object, status: object): SyncStart {
  return { operation: { sync }, old: { operation: { sync }, status } };
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

  it.each<[string, SyncStart]>([
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
    ...["Later", "", "running"].map((phase): [string, SyncStart] => [
      `in the result of phase "${phase}" with an end, which waits for no retry`,
      {
        operation,
        status: running(good, { phase, syncResult: evil, finishedAt: "2026-11-24T12:00:00Z" }),
      },
    ]),
    ["under one that was judged and runs", { ...judged, status: running(evil, result) }],
    [
      "in the result of one that was judged and runs",
      { ...judged, status: running(good, { syncResult: evil }) },
    ],
    ["by a subresource of the status", { ...judged, subResource: "status", status: running(evil) }],
    [
      "as another operation while one is terminated, which a sync window can hold up",
      {
        operation: { sync: evil },
        old: { operation, status: running(good, { phase: "Terminating" }) },
        status: running(good, { phase: "Terminating" }),
      },
    ],
    [
      "as another operation beside a termination",
      {
        operation: { sync: evil },
        old: { operation, status: running(good) },
        status: running(good, { phase: "Terminating" }),
      },
    ],
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
    expect(status?.message).toContain(
      `${toldImage(EVIL_IMAGE)} (Deployment "web", container "c0") is refused`,
    );
  });

  it("is refused where it would take its source from a spec that is changed under it", async () => {
    const forged = running({ revision: SHA });
    world.argo.render = () => [deployment(EVIL_IMAGE)];
    const spec = { ...idleApplication()["spec"], source: { ...SOURCE, path: "old" } };
    const change = { operation: {}, status: forged, old: { operation: {}, status: forged, spec } };
    expect((await ask(change)).allowed).toBe(false);
  });

  it.each<[string, SyncStart]>([
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
    ["a state without an operation", { operation: null, status: running(evil) }],
    ["a forged state that is a dry run", { operation: {}, status: running({ ...evil, dryRun: true }) }],
    [
      "a state that is over, of a dry run",
      { operation: {}, status: running({ ...evil, dryRun: true }, { phase: "Failed" }) },
    ],
  ])("is not seen in %s, about which nobody is asked", async (_, change) => {
    expect((await ask({ user: "ana", ...change })).allowed).toBe(true);
    expect(world.asked).toEqual([]);
  });

  const bySource = { revision: SHA, sources: [SOURCE], revisions: [SHA] };
  const unnamed = { revision: SHA, source: COMMIT.source };
  const branch = { revision: "main", source: SOURCE };
  const resolved = { revision: EVIL, source: SOURCE };
  const ended = { finishedAt: "2026-11-24T12:00:00Z" };
  const refreshing = { sync: good, retry: { limit: 5, refresh: true } };

  /** What Argo CD's controller writes while an operation goes on. */
  it.each<[string, SyncStart]>([
    ["takes it up", { ...before(good, {}), status: running(good) }],
    [
      "takes it up without what is empty",
      { ...before({ ...good, revisions: [] }, {}), status: running(good) },
    ],
    [
      "takes it up over the state of another",
      {
        ...before({ revision: SHA }, running(evil, { phase: "Failed", syncResult: null })),
        status: running({ ...evil, revision: SHA }),
      },
    ],
    ["says its revision", { ...before(good, running(good)), status: running(good, result) }],
    [
      "says the commit of the spec",
      { spec: COMMIT, ...before({}, running({})), status: running({}, { syncResult: unnamed }) },
    ],
    [
      "says what a branch has come to",
      { ...before(branch, running(branch)), status: running(branch, { syncResult: resolved }) },
    ],
    [
      "waits for a retry",
      { ...before(good, running(good, result)), status: running(good, { ...result, ...ended }) },
    ],
    ["tries again", { ...before(good, running(good, { ...result, ...ended })), status: running(good) }],
    [
      "tries again with the newest",
      {
        operation: refreshing,
        old: { operation: refreshing, status: running(good, ended) },
        status: {
          operationState: { phase: "Running", operation: { ...refreshing, sync: { source: SOURCE } } },
        },
      },
    ],
  ])("is not seen where the controller %s, about which nobody is asked", async (_, change) => {
    expect((await ask({ user: CONTROLLER, ...change })).allowed).toBe(true);
    expect(world.asked).toEqual([]);
  });

  const local = { manifests: [JSON.stringify(deployment(EVIL_IMAGE))] };
  const over = { phase: "Succeeded", finishedAt: "2026-11-24T12:00:00Z" };
  const none = { resources: [{ kind: "ConfigMap", name: "none" }] };
  const web = { resources: [{ group: "apps", kind: "Deployment", name: "web" }] };
  const tagged = [SOURCE, { repoURL: "https://charts.example", chart: "shop" }];
  const versions = { sources: tagged, revisions: ["1.2.3", "1.2.3"] };
  /** Operations under which a result that is there is not applied, or not all of it, so that it is not judged. */
  const UNJUDGED: readonly [string, object][] = [
    ["a dry run", { ...good, dryRun: true }],
    ["other resources", { ...good, ...none }],
    ["manifests", { ...good, manifests: [JSON.stringify(deployment(APP))] }],
  ];

  /** What its controller writes where a repository has an Application with such a state. */
  it.each<[string, SyncStart, string]>([
    ["another operation", { ...judged, status: running(evil, result) }, EVIL_IMAGE],
    ["another result", { ...judged, status: running(good, { syncResult: evil }) }, EVIL_IMAGE],
    [
      "a result of other sources",
      { ...judged, status: running(good, { syncResult: bySource }) },
      "target/unclear",
    ],
    [
      "a first result of another commit",
      { ...before(good, running(good)), status: running(good, { syncResult: evil }) },
      EVIL_IMAGE,
    ],
    [
      "an operation of a state that is over",
      { ...before(good, running(evil, { phase: "Failed" })), status: running(evil) },
      EVIL_IMAGE,
    ],
    [
      "an operation of a state that is terminated",
      { ...before(good, running(evil, { phase: "Terminating" })), status: running(evil) },
      EVIL_IMAGE,
    ],
    ["no state, so that it is started again", { ...before(evil, running(good)), status: {} }, EVIL_IMAGE],
    [
      "a retry of no revision, without being told to refresh",
      { ...before(good, running(good, ended)), status: running({ source: SOURCE }) },
      "target/moving",
    ],
    ...UNJUDGED.map(([what, sync]): [string, SyncStart, string] => [
      `the operation that waits, with a result that was there beside ${what}`,
      {
        ...before(good, running(sync, { syncResult: evil })),
        status: running(good, { syncResult: evil }),
      },
      EVIL_IMAGE,
    ]),
    [
      "what an operation leaves under a termination",
      {
        ...before(good, running(local, { phase: "Terminating" })),
        status: running({ ...good, ...local }),
      },
      EVIL_IMAGE,
    ],
    [
      "the same operation after a termination, under which the spec has changed",
      {
        ...before({ revision: EVIL }, running({ revision: EVIL }, { phase: "Terminating" })),
        status: running({ revision: EVIL }),
      },
      EVIL_IMAGE,
    ],
    [
      "an end with the operation still there, which starts it again over that state",
      {
        ...before({ ...good, ...web }, running({ ...local, ...none })),
        status: running({ ...local, ...none }, over),
      },
      EVIL_IMAGE,
    ],
    [
      "another version of a chart, where a tag that moves has the name of the version that was asked for",
      {
        spec: { source: undefined, sources: tagged },
        ...before(versions, running(versions)),
        status: running(versions, { syncResult: { ...versions, revisions: [SHA, "6.6.6"] } }),
      },
      "target/moving",
    ],
    [
      "a tool that the operation does not name, which has no parameters",
      { ...before(good, running(good)), status: running({ ...good, source: { ...SOURCE, directory: {} } }) },
      "target/unclear",
    ],
  ])("is refused in the controller's name: %s", async (_, change, why) => {
    const { allowed, status } = await ask({ ...change, user: CONTROLLER });
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(toldImage(why))]);
  });

  const retried = { phase: "Running", finishedAt: "2026-11-24T12:00:00Z" };
  const values = { source: { ...SOURCE, helm: { values: "image: evil" } } };

  /** Argo CD writes the state of the next sync, and that of a retry, over it, and keeps what these do not have. */
  it.each<[string, SyncStart, string]>([
    ["manifests", { operation, status: running({ ...good, ...local }, over) }, EVIL_IMAGE],
    ["an operation for a retry", { operation: { retry: {} }, status: running(evil, over) }, EVIL_IMAGE],
    ["a revision", { operation: { sync: {} }, spec: COMMIT, status: running(evil, over) }, EVIL_IMAGE],
    ["parameters", { operation, status: running({ ...good, ...values }, over) }, "target/unclear"],
    [
      "a result with sources",
      { operation, status: running(good, { ...over, syncResult: { sources: [SOURCE], revisions: [EVIL] } }) },
      "target/unclear",
    ],
    [
      "a result with parameters",
      { operation, status: running(good, { ...over, syncResult: { ...good, ...values } }) },
      "target/unclear",
    ],
    [
      "a result of the attempt before",
      { operation, status: running(good, { ...retried, syncResult: { ...good, ...values } }) },
      "target/unclear",
    ],
    [
      "a result of another commit, which counts once its end is taken away",
      { operation, status: running(good, { ...retried, syncResult: evil }) },
      EVIL_IMAGE,
    ],
  ])("is not left behind for the next sync: %s", async (_, change, why) => {
    const { allowed, status } = await ask({ user: "ana", ...change });
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(toldImage(why))]);
  });

  it.each<[string, SyncStart, number]>([
    ["the same sync before it", { operation, status: running(good, { ...over, ...result }) }, 1],
    [
      "a sync of another revision before it",
      { operation, status: running(evil, { ...over, syncResult: evil }) },
      1,
    ],
    [
      "one that named no sources before it",
      { operation, status: running({ revision: EVIL }, { ...over, syncResult: evil }) },
      1,
    ],
    [
      "sources only before it, which render the same",
      { operation: { sync: { revision: SHA } }, status: running(evil, { ...over, syncResult: evil }) },
      2,
    ],
  ])("starts beside %s", async (_, change, asked) => {
    expect(await ask({ user: "ana", ...change })).toMatchObject({ allowed: true });
    expect(world.asked).toHaveLength(asked);
    expect(world.argo.renders()).toHaveLength(1);
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
  const heal = { sync: { resources: [{ group: "apps", kind: "Deployment", name: "web" }] } };
  const said = { status: { summary: { images: [APP, OTHER] } } };
  let pods: (namespace: string) => Promise<readonly string[]>;

  beforeEach(async () => {
    pods = (namespace) => Promise.resolve(namespace === "shop" ? [APP] : []);
    await restart({ selfHeal: "keep", runningImages: (namespace) => pods(namespace) });
    world.argo.render = () => [deployment(APP, OTHER)];
    world.against.set(APP, "finding");
  });

  it("keeps what pods of its namespace run already, where the settings say so", async () => {
    expect((await ask(heal)).allowed).toBe(true);
    expect(world.asked.flatMap(({ subjects }) => subjects.map(({ image }) => image))).toEqual([OTHER]);
  });

  it.each<[string, SyncStart, ((namespace: string) => Promise<readonly string[]>)?]>([
    [
      "runs nowhere, whatever the Application's status says",
      { ...heal, old: said },
      () => Promise.resolve([]),
    ],
    ["runs in another namespace", heal, (name) => Promise.resolve(name === "shop" ? [] : [APP])],
    ["may run, since pods cannot be listed", heal, () => Promise.reject(new Error("forbidden"))],
    [
      "may run, since listing pods never ends",
      { ...heal, timeout: "1s" },
      () => new Promise(() => undefined),
    ],
    ["runs, when it is somebody else's word", { ...heal, user: "ana" }],
    ["runs, when it is a whole sync", {}],
    [
      "runs in a namespace of that name, when it deploys to another cluster",
      { ...heal, spec: { destination: { name: "spoke", namespace: "shop" } } },
    ],
  ])("judges an image that %s", async (_, change, list) => {
    if (list !== undefined) pods = list;
    expect((await ask(change)).allowed).toBe(false);
  });

  it("judges an image that runs in only one of the two namespaces to which it is brought", async () => {
    const metadata = { name: "web", namespace: "bank" };
    world.argo.render = () => [deployment(OTHER), { ...deployment(APP), metadata }, deployment(APP)];
    expect((await ask(heal)).allowed).toBe(false);
    expect(world.asked.at(-1)).toMatchObject({ namespace: "bank", subjects: [{ image: APP }] });
  });

  it("judges a tag, which may be another image by now", async () => {
    const tag = "registry.example/team/app:1";
    pods = () => Promise.resolve([tag]);
    world.argo.render = () => [deployment(tag)];
    world.against.set(tag, "finding");
    expect((await ask(heal)).allowed).toBe(false);
  });

  it("judges everything where the settings do not keep what runs", async () => {
    await restart({ selfHeal: "judge", runningImages: () => Promise.resolve([APP]) });
    world.against.set(APP, "finding");
    expect((await ask(heal)).allowed).toBe(false);
  });
});

describe("a selective sync", () => {
  const WEB = { group: "apps", kind: "Deployment", name: "web" };
  const CONFIG = { kind: "ConfigMap", name: "config" };

  it.each<[string, object]>([
    ["a ConfigMap", CONFIG],
    ["a Deployment of another name", { ...WEB, name: "other" }],
    ["another kind of that name", { ...WEB, kind: "StatefulSet" }],
    ["another group of that kind", { ...WEB, group: "example.com" }],
  ])("of %s is not held to the images of the other objects", async (_, resource) => {
    world.against.set(APP, "finding");
    expect((await ask({ sync: { resources: [resource] } })).allowed).toBe(true);
  });

  it.each<[string, readonly object[]]>([
    ["the object", [CONFIG, WEB]],
    ["the object in the destination's namespace", [{ ...WEB, namespace: "shop" }]],
    ["the object in two namespaces", [{ ...WEB, namespace: "bank" }, WEB]],
  ])("of %s is judged", async (_, resources) => {
    world.against.set(APP, "finding");
    expect((await ask({ sync: { resources } })).allowed).toBe(false);
  });

  it("of an object in one namespace is not held to that of another", async () => {
    world.argo.render = () => [{ ...deployment(APP), metadata: { name: "web", namespace: "bank" } }];
    world.against.set(APP, "finding");
    expect((await ask({ sync: { resources: [{ ...WEB, namespace: "shop" }] } })).allowed).toBe(true);
    expect((await ask({ sync: { resources: [{ ...WEB, namespace: "bank" }] } })).allowed).toBe(false);
  });

  it.each<[string, object]>([
    ["a hook of Argo CD's", { name: "job", annotations: { "argocd.argoproj.io/hook": "PostDelete" } }],
    ["a hook of Helm's", { name: "job", annotations: { "helm.sh/hook": "post-delete" } }],
    ["an object without a name", { generateName: "job-" }],
  ])("is held to the images of %s, which it may bring all the same", async (_, metadata) => {
    world.argo.render = () => [{ ...deployment(APP), metadata }];
    world.against.set(APP, "finding");
    expect((await ask({ sync: { resources: [CONFIG] } })).allowed).toBe(false);
  });

  it("does not stand for one of everything that is forged in the state beside it", async () => {
    world.against.set(APP, "finding");
    const whole = { revision: SHA, source: SOURCE };
    const operation = { sync: { ...whole, resources: [CONFIG] } };
    expect((await ask({ user: "ana", operation })).allowed).toBe(true);
    expect((await ask({ user: "ana", operation, status: running(whole) })).allowed).toBe(false);
  });

  it("is refused where its resources cannot be read", async () => {
    expect((await ask({ sync: { resources: [{ kind: 1 }] } })).allowed).toBe(false);
  });
});
