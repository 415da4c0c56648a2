import { describe, expect, it } from "vitest";

import { followReplicas } from "./follow.ts";
import {
  type FailOpen,
  type GateReplica,
  type StoredDocument,
  type SwitchCluster,
  WriteConflict,
} from "./ports.ts";
import { confirmSwitch, inForce, switchOff, switchOn } from "./switch.ts";

const NOW = new Date("2026-11-30T03:00:00Z");
const UNTIL = new Date("2026-11-30T03:15:00Z");
const REQUEST = { reason: "The gate blocks what has to run.", ticket: "INC-7", until: UNTIL };

/** A cluster in memory, as one user sees it; `conflicts` writes of others come between reading and writing. */
function aCluster(user: string, options: { readonly text?: string; conflicts?: number } = {}) {
  let stored: StoredDocument = { text: options.text, version: options.text === undefined ? undefined : "1" };
  let conflicts = options.conflicts ?? 0;
  const writes: (string | undefined)[] = [];
  const cluster: SwitchCluster = {
    user: () => Promise.resolve(user),
    document: () => Promise.resolve(stored),
    write: (text, version, { isDryRun }) => {
      writes.push(version);
      if (conflicts > 0) {
        conflicts -= 1;
        return Promise.reject(new WriteConflict("written meanwhile"));
      }
      if (!isDryRun) stored = { text, version: String(writes.length + 1) };
      return Promise.resolve();
    },
    replicas: () => Promise.resolve([]),
    failOpen: () => Promise.resolve<FailOpen | undefined>(undefined),
    setFailOpen: () => Promise.resolve(),
    endFailOpen: () => Promise.resolve(false),
  };
  return { cluster, writes, text: () => stored.text };
}

function off(world: ReturnType<typeof aCluster>, isDryRun = false) {
  return switchOff(REQUEST, { cluster: world.cluster, now: NOW, isDryRun });
}

describe("switching off", () => {
  it("writes an entry of the user that the API server knows, also where there is no ConfigMap", async () => {
    const world = aCluster("ana");
    expect(await off(world)).toMatchObject({
      ok: true,
      value: { switches: [{ id: "off-20261130T030000000Z", by: "ana", from: NOW, until: UNTIL }] },
    });
    expect(inForce(world.text(), NOW)).toMatchObject({ ok: true, value: [{ by: "ana" }] });
    expect(inForce(world.text(), UNTIL)).toEqual({ ok: true, value: [] });
  });

  it("asks by a dry run and leaves the document as it was", async () => {
    const world = aCluster("ana", { text: "switches: []\n" });
    expect((await off(world, true)).ok).toBe(true);
    expect([world.text(), world.writes]).toEqual(["switches: []\n", ["1"]]);
  });

  it("edits again what another wrote meanwhile, and gives up after five times", async () => {
    const [some, always] = [aCluster("ana", { conflicts: 4 }), aCluster("ana", { conflicts: 5 })];
    expect((await off(some)).ok).toBe(true);
    await expect(off(always)).rejects.toMatchObject({ name: "RetryLater" });
    expect(always.text()).toBeUndefined();
  });

  it("writes nothing where it repeats a switch that no second person has confirmed", async () => {
    const world = aCluster("ana");
    await off(world);
    const before = world.text();
    const later = new Date(NOW.getTime() + 1000);
    const again = await switchOff(REQUEST, { cluster: world.cluster, now: later, isDryRun: false });
    expect(again).toMatchObject({ ok: false, problems: [{ rule: "unconfirmed-repetition" }] });
    expect([world.text(), world.writes.length]).toEqual([before, 1]);
  });
});

describe("ending and confirming", () => {
  it("ends what is in force, and nothing where nothing is", async () => {
    const world = aCluster("ana");
    await off(world);
    const later = new Date(NOW.getTime() + 60_000);
    const edit = { cluster: world.cluster, now: later, isDryRun: false };
    expect(await switchOn("off-other", edit)).toBeUndefined();
    expect(await switchOn(undefined, edit)).toMatchObject({
      ok: true,
      value: { switches: [{ until: later }] },
    });
    expect(await switchOn(undefined, edit)).toBeUndefined();
  });

  it("tells no one that nothing is switched off by a document that cannot be read", async () => {
    const world = aCluster("ana", { text: "switches: 7\n" });
    const edit = { cluster: world.cluster, now: NOW, isDryRun: false };
    for (const found of [
      inForce(world.text(), NOW),
      await switchOn(undefined, edit),
      await switchOn("off-1", edit),
      await confirmSwitch(undefined, edit),
    ])
      expect(found).toMatchObject({ ok: false, problems: [{ path: "switches" }] });
    expect([inForce(undefined, NOW), world.writes]).toEqual([{ ok: true, value: [] }, []]);
  });

  it("confirms the newest one as another person, and not as its author", async () => {
    const world = aCluster("ana");
    await off(world);
    const edit = { cluster: world.cluster, now: NOW, isDryRun: false };
    expect(await confirmSwitch(undefined, edit)).toMatchObject({
      ok: false,
      problems: [{ rule: "own-confirmation" }],
    });
    const other = { ...edit, cluster: aCluster("bob", { text: world.text()! }).cluster };
    expect(await confirmSwitch(undefined, other)).toMatchObject({
      ok: true,
      value: { switches: [{ confirmed: { by: "bob" } }] },
    });
    expect(await confirmSwitch(undefined, other)).toBeUndefined();
  });
});

function replica(
  name: string,
  digests: readonly (string | Error)[],
  more: Partial<GateReplica> = {},
): GateReplica {
  let at = 0;
  return {
    name,
    isReady: true,
    isTerminating: false,
    ask: () => {
      const digest = digests[Math.min(at++, digests.length - 1)]!;
      return digest instanceof Error ? Promise.reject(digest) : Promise.resolve({ digest, switches: [] });
    },
    ...more,
  };
}

function follow(...replicas: readonly GateReplica[]) {
  let ms = 0;
  return followReplicas({
    cluster: { replicas: () => Promise.resolve(replicas) },
    digest: "new",
    limitMs: 1000,
    elapsed: () => ms,
    sleep: (pause) => Promise.resolve((ms += pause)),
  });
}

describe("waiting for the replicas", () => {
  it("takes until the last one answers with it", async () => {
    const found = await follow(replica("a", ["new"]), replica("b", ["old", new Error("away"), "new"]));
    expect(found).toMatchObject({ isComplete: true, isAnswered: true, tookMs: 400 });
    expect(found.replicas.map(({ afterMs }) => afterMs)).toEqual([0, 400]);
  });

  it("does not wait for one that stops", async () => {
    expect(await follow(replica("a", ["new"]), replica("b", ["old"], { isTerminating: true }))).toMatchObject(
      { isComplete: true },
    );
  });

  it.each<[string, GateReplica[], object]>([
    ["one is behind", [replica("a", ["new"]), replica("b", ["old"])], { isAnswered: true, isOneReady: true }],
    [
      "none can be asked, and one is ready",
      [replica("a", [new Error("away")])],
      { isAnswered: false, isOneReady: true },
    ],
    [
      "none can be asked or is ready",
      [replica("a", [new Error("away")], { isReady: false })],
      { isAnswered: false, isOneReady: false },
    ],
    ["there is none", [], { isAnswered: false, isOneReady: false }],
  ])("is given up after the limit where %s", async (_, replicas, expected) => {
    expect(await follow(...replicas)).toMatchObject({ isComplete: false, tookMs: 1000, ...expected });
  });
});
