import { beforeEach, describe, expect, it, vi } from "vitest";

import { digestOf, Fault, type Mode } from "../core/index.ts";
import type { WarmRequest } from "../gate/index.ts";
import type { OperationDeps } from "./ports.ts";
import { createSyncPrewarm, type SyncPrewarm } from "./sync-prewarm.ts";
import type { Target } from "./target/read-target.ts";

const MINUTE = 60_000;
const SHA = "a".repeat(40);
const APP = `registry.example/team/app@${digestOf("app")}`;
const SIDE = `registry.example/team/side@${digestOf("side")}`;

interface World {
  readonly syncPrewarm: SyncPrewarm;
  /** Names whose Application was read, in order. */
  readonly read: string[];
  readonly warmed: WarmRequest[];
  /** What was to be rendered. */
  readonly wanted: unknown[];
  readonly told: string[];
  readonly waits: number[];
  /** Changes what the Applications say. */
  application: (name: string) => unknown;
  /** What rendering comes to. */
  render: (name: string) => Promise<Target>;
  now: number;
}

const SYNC = { status: "OutOfSync", revision: SHA };

function anApplication(name: string, sync: object = SYNC): object {
  return {
    metadata: { namespace: "argocd", name, uid: name },
    spec: {
      source: { repoURL: "https://git.example/shop" },
      destination: { server: "https://kubernetes.default.svc", namespace: "shop" },
    },
    status: { sync },
  };
}

const owner = { group: "apps", kind: "Deployment", name: "web", isHook: false };

function aTarget(...groups: readonly (readonly [string, readonly string[]])[]): Target {
  return {
    namespaces: [],
    notes: [],
    groups: groups.map(([namespace, images]) => ({
      namespace,
      access: { namespace, serviceAccount: "default" },
      subjects: images.map((image) => ({ image, place: "somewhere", owner })),
    })),
  };
}

function startWorld(): World {
  const modes: Record<string, Mode> = { shop: "enforce", test: "advisory", dark: "off" };
  const operation = {
    argoCds: [{ namespace: "argocd" }],
    exempt: ["argocd/mc-gate"],
    thisCluster: ["https://kubernetes.default.svc"],
    modeOf: (namespace: string) => modes[namespace],
    defaultMode: "off",
    otherClusters: "enforce",
  } as unknown as OperationDeps;
  const seen = {
    read: [] as string[],
    warmed: [] as WarmRequest[],
    wanted: [] as unknown[],
    told: [] as string[],
    waits: [] as number[],
  };
  const made: World = {
    ...seen,
    now: 0,
    application: (name) => anApplication(name),
    render: () => Promise.resolve(aTarget(["shop", [APP]])),
    syncPrewarm: createSyncPrewarm({
      operation,
      targets: {
        find: ({ application, wanted }) => {
          seen.wanted.push(wanted);
          return made.render(application.metadata.name);
        },
      },
      warm: (request) => {
        seen.warmed.push(request);
        return Promise.resolve("collected");
      },
      read: ({ name }) => {
        seen.read.push(name);
        return Promise.resolve(made.application(name));
      },
      now: () => new Date(made.now),
      meter: {
        application: (outcome) => seen.told.push(outcome),
        image: (outcome) => seen.told.push(`image ${outcome}`),
        waiting: (count) => seen.waits.push(count),
      },
    }),
  };
  return made;
}

let world: World;
beforeEach(() => {
  world = startWorld();
});

/** Offers it, and waits until whatever comes of that has come. */
async function offer(name: string, target: string | undefined): Promise<void> {
  world.syncPrewarm.offer({ namespace: "argocd", name }, target);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("an Application that is out of sync", () => {
  it("is rendered, and each of its images looked up where its namespace has a mode", async () => {
    world.render = () =>
      Promise.resolve(aTarget(["shop", [APP, SIDE, APP]], ["test", [APP]], ["dark", [SIDE]]));
    await offer("web", "t1");
    expect(world.warmed.map(({ namespace, image }) => [namespace, image])).toEqual([
      ["shop", APP],
      ["shop", SIDE],
      ["test", APP],
    ]);
    expect(world.warmed[0]?.access).toEqual({ namespace: "shop", serviceAccount: "default" });
    expect(world.told).toEqual(["image collected", "image collected", "image collected", "ready"]);
  });

  it("is rendered at the revision of each of its sources", async () => {
    const sources = [{ repoURL: "https://git.example/a" }, { repoURL: "https://git.example/b" }];
    const revisions = [SHA, "b".repeat(40)];
    world.application = (name) => ({
      ...anApplication(name, { status: "OutOfSync", revisions }),
      spec: { sources, destination: { name: "in-cluster" } },
    });
    await offer("web", "t1");
    expect(world.wanted).toEqual([{ kind: "render", isMulti: true, revisions, moving: [] }]);
  });

  it.each([
    ["another target", "t2", 2],
    ["the same target", "t1", 1],
  ])("has another turn only for %s", async (_, target, times) => {
    await offer("web", "t1");
    await offer("web", target);
    expect(world.read).toHaveLength(times);
  });

  it("has another turn for the same target after it was in sync", async () => {
    for (const target of ["t1", undefined, "t1"]) await offer("web", target);
    expect(world.read).toHaveLength(2);
  });

  it.each<[string, string, object | undefined]>([
    ["is exempt", "mc-gate", undefined],
    ["is in sync by now", "web", { status: "Synced", revision: SHA }],
  ])("is not rendered where it %s", async (_, name, sync) => {
    const rendered = vi.fn<World["render"]>(world.render);
    world.render = rendered;
    world.application = (each) => anApplication(each, sync);
    await offer(name, "t1");
    expect([rendered.mock.calls.length, world.told]).toEqual([0, []]);
  });

  it("is not rendered where it is gone by now", async () => {
    world.application = () => undefined;
    await offer("web", "t1");
    expect([world.read, world.told]).toEqual([["web"], []]);
  });
});

describe("an Application that nobody can get ready for", () => {
  it.each<[string, (broken: World) => void]>([
    [
      "it cannot be rendered",
      (broken) => {
        broken.render = () => Promise.reject(new Fault("target/unavailable", "down"));
      },
    ],
    [
      "it cannot be read",
      (broken) => {
        broken.application = () => ({ metadata: {} });
      },
    ],
    [
      "it names no revision",
      (broken) => {
        broken.application = (name) => anApplication(name, { status: "OutOfSync" });
      },
    ],
    [
      "the API server does not answer",
      (broken) => {
        broken.application = () => Promise.reject(new Error("down"));
      },
    ],
  ])("since %s, is counted, and tried again after five minutes at the soonest", async (_, breakIt) => {
    breakIt(world);
    await offer("web", "t1");
    for (const target of ["t1", undefined, "t1"]) await offer("web", target);
    world.now = 5 * MINUTE - 1;
    await offer("web", "t1");
    expect([world.read.length, world.told]).toEqual([1, ["failed"]]);
    world.now = 5 * MINUTE;
    await offer("web", "t1");
    expect(world.told).toEqual(["failed", "failed"]);
  });
});

/** Rendering that ends when the test says so. */
function holdRendering(): () => void {
  const open = Promise.withResolvers<void>();
  world.render = () => open.promise.then(() => aTarget());
  return open.resolve;
}

describe("many Applications", () => {
  it("have their turns two at a time, in order, each once however often it is offered", async () => {
    const go = holdRendering();
    for (const name of ["a", "b", "c", "d", "c"]) await offer(name, `${name}1`);
    await offer("c", "c2");
    expect([world.read, world.waits.at(-1)]).toEqual([["a", "b"], 2]);
    go();
    await vi.waitFor(() => expect(world.told).toHaveLength(4));
    expect([world.read, world.waits.at(-1)]).toEqual([["a", "b", "c", "d"], 0]);
  });

  it("wait up to 256; one on top is dropped, counted, and has its turn when it comes again", async () => {
    const go = holdRendering();
    for (let each = 0; each < 258; each++)
      world.syncPrewarm.offer({ namespace: "argocd", name: `a${each}` }, "t");
    await offer("late", "t");
    expect([world.told, world.waits.at(-1)]).toEqual([["dropped"], 256]);
    await offer("a5", undefined);
    await offer("late", "t");
    go();
    await vi.waitFor(() => expect(world.waits.at(-1)).toBe(0));
    expect([world.read.includes("late"), world.read.includes("a5")]).toEqual([true, false]);
  });

  it("are left alone after the end", async () => {
    const go = holdRendering();
    for (const name of ["a", "b", "c"]) await offer(name, "t");
    world.syncPrewarm.stop();
    go();
    await offer("d", "t");
    expect(world.read).toEqual(["a", "b"]);
  });
});
