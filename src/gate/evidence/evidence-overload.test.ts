import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { evidenceWorld, IMAGE, QUERY, settled } from "../../../test/support/evidence-world.ts";
import { type Attachments, Fault, type FaultCode, type Gap } from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";
import type { EvidenceQuery } from "./collect.ts";
import type { Found } from "./collections.ts";
import { createEvidenceStore, type Wait } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const PATIENCE_MS = 1000;
const NOW = 3_600_000;
/** What the store knows from the beginning, and what a registry would give now. */
const [OLD, NEW] = [new Date(0), new Date(NOW)];
/** Another namespace's look-up of another image at another registry. */
const FLOOD: EvidenceQuery = {
  ...QUERY,
  image: { ...IMAGE, registry: "flood.test" },
  access: { namespace: "flood" },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Where a look-up can be held up. */
type Stop = "reader" | "threads" | "registry" | "rest";

/** A store that knows older evidence of an image, and look-ups that end where they are told to wait. */
async function heldWorld(change: Partial<GateDeps["limits"]["collections"]> = {}) {
  const world = evidenceWorld();
  const { deps } = world;
  const held = new Map<string, Promise<void>>();
  const pass = (stop: Stop, registry: string): Promise<void> =>
    held.get(`${stop} ${registry}`) ?? Promise.resolve();
  const attachments: GateDeps["registry"]["attachments"] = async (image, access, wanted, signal) => {
    await wanted.reserveBytes?.(deps.limits.room.atOnce);
    await wanted.ownWork?.("the thread that reads", () => pass("reader", image.registry));
    await pass("registry", image.registry);
    const read = await deps.registry.attachments(image, access, wanted, signal);
    const rest = restOf(() => pass("rest", image.registry));
    return { ...read, searched: [image.registry], ...(held.has(`rest ${image.registry}`) && { rest }) };
  };
  const verify: GateDeps["verify"] = async (read, ...others) => {
    await pass("threads", read.searched[0]!);
    for await (const _ of read.rest ?? []) await pass("threads", read.searched[0]!);
    return deps.verify(read, ...others);
  };
  const collections = { ...DEFAULT_LIMITS.collections, ...change };
  const limits = { ...DEFAULT_LIMITS, patienceMs: PATIENCE_MS, collections };
  const store = createEvidenceStore({ ...deps, limits, verify, registry: { ...deps.registry, attachments } });
  await store.find(QUERY, 1000);
  world.set({ now: NOW });
  /** Holds look-ups at a registry up, until the result is called. */
  const hold = (stop: Stop, registry = IMAGE.registry): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held.set(`${stop} ${registry}`, promise);
    return resolve;
  };
  return { ...world, store, hold };
}

type HeldWorld = Awaited<ReturnType<typeof heldWorld>>;

async function* restOf(arrived: () => Promise<void>): NonNullable<Attachments["rest"]> {
  await arrived();
  yield { found: [], gaps: [], skipped: [] };
}

/** What has come of a search so far. Nothing waits for it: what never comes is seen as neither. */
function searchIn({ store }: Pick<HeldWorld, "store">, query = QUERY, wait: Wait = {}) {
  const outcome: { found?: Found; fault?: unknown } = {};
  store.find(query, 1000, wait).then(
    (found) => (outcome.found = found),
    (fault: unknown) => (outcome.fault = fault),
  );
  return {
    outcome,
    said: () => [outcome.found?.evidence.collectedAt, outcome.found?.staleBecause?.code, outcome.fault],
  };
}
const NOTHING = [undefined, undefined, undefined];

/** Lets time pass, and whatever follows from that. */
async function after(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  for (let turn = 0; turn < 5; turn += 1) await settled();
}

interface Case {
  readonly limits?: Partial<GateDeps["limits"]["collections"]>;
  /** Begins what keeps the gate busy; gives what ends it. */
  readonly keepBusy: (world: HeldWorld) => () => void;
  /** The limit or setting that the fault names. */
  readonly setting: string;
  /** Where the registry is asked after that. */
  readonly slowAt: Stop;
}

const CASES: Readonly<Record<string, Case>> = {
  "its turn": {
    limits: { running: 1 },
    keepBusy: (world) => flooded(world, "registry"),
    setting: "evidence.lookUps",
    slowAt: "registry",
  },
  "memory for its attachments": {
    keepBusy: (world) => flooded(world, "threads"),
    setting: "evidence.attachmentsMib",
    slowAt: "registry",
  },
  "the thread that reads": {
    keepBusy: ({ hold }) => hold("reader"),
    setting: "the thread that reads",
    slowAt: "registry",
  },
  "a thread that verifies": {
    keepBusy: ({ hold }) => hold("threads"),
    setting: "verify.workers",
    slowAt: "rest",
  },
};

function flooded(world: HeldWorld, stop: Stop): () => void {
  const release = world.hold(stop, FLOOD.image.registry);
  searchIn(world, FLOOD);
  return release;
}

describe.each(Object.entries(CASES))(
  "a look-up that waits for %s",
  (_, { limits, keepBusy, setting, slowAt }) => {
    async function busyWorld() {
      const world = await heldWorld(limits);
      const release = keepBusy(world);
      await after(1);
      return { world, release };
    }

    it("makes no older evidence do where newer could refuse, and gives the newer in the end", async () => {
      const { world, release } = await busyWorld();
      const { said } = searchIn(world);
      await after(30 * PATIENCE_MS);
      expect(said()).toEqual(NOTHING);
      release();
      await after(1);
      expect(said()).toEqual([NEW, undefined, undefined]);
    });

    it("is an overload that names the setting where the answer is due before", async () => {
      const { world } = await busyWorld();
      const due = new AbortController();
      const { said } = searchIn(world, QUERY, { signal: due.signal });
      await after(10 * PATIENCE_MS);
      due.abort();
      await after(0);
      const fault = expect.objectContaining({
        code: "limits/overloaded",
        message: expect.stringContaining(setting),
      });
      expect(said()).toEqual([undefined, undefined, fault]);
    });

    it("has older evidence do after its patience where nothing newer could refuse, and says that it is busy", async () => {
      const { world, release } = await busyWorld();
      release();
      const steady = { ...QUERY, needsAllEvidence: false };
      const { said } = searchIn({ ...world }, steady);
      await after(0);
      expect(said()).toEqual([NEW, undefined, undefined]);
      world.set({ now: 2 * NOW });
      keepBusy(world);
      await after(1);
      const later = searchIn(world, steady);
      await after(PATIENCE_MS - 2);
      expect(later.said()).toEqual(NOTHING);
      await after(2);
      expect(later.said()).toEqual([NEW, "limits/overloaded", undefined]);
    });

    it("has its patience from then on for a slow registry, after which older evidence does", async () => {
      const { world, release } = await busyWorld();
      world.hold(slowAt);
      const { said } = searchIn(world);
      await after(30 * PATIENCE_MS);
      expect(said()).toEqual(NOTHING);
      release();
      await after(PATIENCE_MS - 2);
      expect(said()).toEqual(NOTHING);
      await after(4);
      expect(said()).toEqual([OLD, "deadline/exceeded", undefined]);
    });
  },
);

it("a look-up whose requests hang has older evidence do, although others of them wait for a connection", async () => {
  const world = evidenceWorld();
  const state = { isHanging: false };
  const never = new Promise<never>(() => undefined);
  const attachments: GateDeps["registry"]["attachments"] = async (image, access, wanted, signal) => {
    if (!state.isHanging) return world.deps.registry.attachments(image, access, wanted, signal);
    const waits = wanted.ownWork?.("one of 32 connections", () => never);
    return await Promise.race([wanted.registryWork?.(() => never) ?? never, waits ?? never]);
  };
  const store = createEvidenceStore({ ...world.deps, registry: { ...world.deps.registry, attachments } });
  await store.find(QUERY, 1000);
  world.set({ now: NOW });
  state.isHanging = true;
  const { said } = searchIn({ store });
  await after(2 * PATIENCE_MS);
  expect(said()).toEqual([OLD, "deadline/exceeded", undefined]);
});

/** A store whose registry asks for credentials, and fails with a code, until it is told otherwise. */
function failingWith(code: string, keptAt?: number) {
  const world = evidenceWorld();
  const state = { isFailing: true };
  const attachments: GateDeps["registry"]["attachments"] = async (...asked) => {
    if (state.isFailing) throw new Fault(code as FaultCode, "it failed");
    return { ...(await world.deps.registry.attachments(...asked)), wantedCredentials: () => true };
  };
  const store = createEvidenceStore({ ...world.deps, registry: { ...world.deps.registry, attachments } });
  if (keptAt !== undefined) world.set({ keptAt });
  return { ...world, store, state };
}

describe("a look-up that fails", () => {
  const DOES = ["registry/unavailable", "registry/rate-limited", "deadline/exceeded"];
  const DOES_NOT = [
    "registry/forbidden", // anyone can break their own pull secret
    "limits/overloaded",
    "limits/exceeded",
    "registry/invalid",
    "registry/incomplete",
    "trust/unavailable",
    "internal/unexpected",
  ];
  it.each(DOES)("as %s has older evidence do, although newer could refuse", async (code) => {
    const { store, state, set } = failingWith(code);
    state.isFailing = false;
    await store.find(QUERY, 1000);
    state.isFailing = true;
    set({ now: NOW });
    const found = await store.find(QUERY, 1000);
    expect(found).toMatchObject({ evidence: { collectedAt: OLD }, staleBecause: { code } });
  });

  it.each(DOES_NOT)("as %s has no older evidence do where newer could refuse", async (code) => {
    const { store, state, set } = failingWith(code);
    state.isFailing = false;
    await store.find(QUERY, 1000);
    state.isFailing = true;
    set({ now: NOW });
    await expect(store.find(QUERY, 1000)).rejects.toMatchObject({ code });
  });

  it.each(DOES)("as %s has what was kept over a restart do", async (code) => {
    const { store, set } = failingWith(code, 0);
    set({ now: NOW });
    const found = await store.find(QUERY, 1000);
    expect(found).toMatchObject({ evidence: { collectedAt: OLD }, staleBecause: { code } });
  });

  it.each(DOES_NOT)("as %s does not have what was kept over a restart do", async (code) => {
    const { store, set } = failingWith(code, 0);
    set({ now: NOW });
    await expect(store.find(QUERY, 1000)).rejects.toMatchObject({ code });
  });

  it.each([...DOES, ...DOES_NOT])(
    "as %s: older evidence does where nothing newer could refuse",
    async (code) => {
      const { store, set } = failingWith(code, 0);
      set({ now: NOW });
      const found = await store.find({ ...QUERY, needsAllEvidence: false }, 1000);
      expect(found).toMatchObject({ evidence: { collectedAt: OLD }, staleBecause: { code } });
    },
  );

  it("as overload is tried again at once where older evidence may not do", async () => {
    const { store, state, set } = failingWith("limits/overloaded");
    state.isFailing = false;
    await store.find(QUERY, 1000);
    state.isFailing = true;
    set({ now: NOW });
    await expect(store.find(QUERY, 1000)).rejects.toMatchObject({ code: "limits/overloaded" });
    state.isFailing = false;
    expect(await store.find(QUERY, 1000)).toMatchObject({ evidence: { collectedAt: NEW } });
  });
});

it("a look-up that waited longer for the gate than a collection may take still has its time for the registry", async () => {
  const world = evidenceWorld();
  const aborted: boolean[] = [];
  const verifying = Promise.withResolvers<void>();
  const attachments: GateDeps["registry"]["attachments"] = async (image, access, wanted, signal) => {
    await wanted.reserveBytes?.(world.deps.limits.room.atOnce);
    aborted.push(signal.aborted);
    return world.deps.registry.attachments(image, access, wanted, signal);
  };
  const store = createEvidenceStore({
    ...world.deps,
    registry: { ...world.deps.registry, attachments },
    verify: async (...input) => {
      await verifying.promise;
      return world.deps.verify(...input);
    },
  });
  void store.find(FLOOD, 1000);
  await after(1);
  void store.find(QUERY, 1000);
  await after(2 * DEFAULT_LIMITS.collectMs);
  verifying.resolve();
  await after(1);
  expect(aborted).toEqual([false, false]);
});

it("a registry that hangs has its look-up ended once it was asked for as long as a collection may take", async () => {
  const world = evidenceWorld();
  let given: AbortSignal | undefined;
  const attachments: GateDeps["registry"]["attachments"] = (_image, _access, _wanted, signal) => {
    given = signal;
    return new Promise(() => undefined);
  };
  const registry = { ...world.deps.registry, attachments };
  void createEvidenceStore({ ...world.deps, registry }).find(QUERY, 1000);
  await after(DEFAULT_LIMITS.collectMs - 1);
  expect(given?.aborted).toBe(false);
  await after(2);
  expect(given?.aborted).toBe(true);
});

it("files that are slow do not make what a registry gave just now count for less than what they hold", async () => {
  const world = evidenceWorld();
  const place: Gap = { code: "registry/unavailable", message: "no .att tag", about: "place", count: 1 };
  const unread: Gap = { code: "registry/invalid", message: "an attachment", count: 1 };
  world.set({ now: NOW, keptAt: 0, gaps: [place, unread] });
  const reading = Promise.withResolvers<void>();
  let reads = 0;
  const recall: NonNullable<GateDeps["memory"]>["load"] = async (key) => {
    reads += 1;
    if (reads === 1) await reading.promise;
    return world.deps.memory!.load(key);
  };
  const store = createEvidenceStore({ ...world.deps, memory: { ...world.deps.memory!, load: recall } });
  const { outcome } = searchIn({ store });
  await after(10 * DEFAULT_LIMITS.patienceMs);
  expect(outcome).toEqual({});
  reading.resolve();
  await after(1);
  expect(outcome.found).toMatchObject({ evidence: { gaps: [unread] }, staleBecause: { code: place.code } });
});
