import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { QUERY } from "../../../test/support/evidence-world.ts";
import { scopedWorld, shownIn } from "../../../test/support/scoped-evidence.ts";
import { Fault, type Gap } from "../../core/index.ts";
import type { EvidenceQuery } from "./collect.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const PLACE: Gap = { code: "registry/forbidden", message: "403 for .att", about: "place", count: 1 };
const MINUTE = 60_000;
const FRESH = DEFAULT_LIMITS.refreshAfterMs;

function by(namespace: string, ...pullSecrets: readonly string[]): EvidenceQuery {
  return { ...QUERY, access: { namespace, serviceAccount: "web", pullSecrets } };
}

/** No secret is used: what is kept apart is kept apart because its registry asked for credentials. */
function world() {
  const made = scopedWorld();
  made.state.usesSecrets = false;
  return made;
}

const SHOP = by("shop", "own");
const ASKERS: readonly (readonly [string, EvidenceQuery])[] = [
  ["another namespace", by("tenant", "own")],
  ["another secret", by("shop", "other")],
  ["one more secret", by("shop", "own", "other")],
  ["another service account", { ...SHOP, access: { ...SHOP.access, serviceAccount: "ci" } }],
  ["no one in particular", QUERY],
];

describe("evidence for rules that something newer can turn, from a registry that asks for credentials", () => {
  it.each(ASKERS)("counts for who was shown it, and is read again for %s", async (_, other) => {
    const { store, asked, state, deps } = world();
    await store.find(SHOP, FRESH);
    await store.find(other, FRESH);
    await store.find(SHOP, FRESH);
    await store.find(other, FRESH);
    expect(asked).toHaveLength(2);
    state.isDown = true;
    const moment = { trust: deps.trust(), now: deps.now(), maxAgeMs: FRESH };
    expect(shownIn(store.known(SHOP, moment)!)).toEqual(["shown to shop"]);
  });

  it("is not what others were shown where the registry is slower than who asks is patient", async () => {
    const { deps, state } = world();
    const store = createEvidenceStore({ ...deps, limits: { ...DEFAULT_LIMITS, patienceMs: 1 } });
    await store.find(by("tenant"), FRESH);
    const { promise, resolve } = Promise.withResolvers<void>();
    state.answers = promise;
    const finding = store.find(SHOP, FRESH);
    await sleep(30);
    resolve();
    expect(shownIn(await finding)).toEqual(["shown to shop"]);
  });

  it.each<[string, boolean]>([
    ["in memory", false],
    ["in files", true],
  ])("is not completed by what others were shown, %s, where a place is forbidden", async (_, isRestarted) => {
    const { store, deps, state } = world();
    await store.find(by("tenant"), FRESH);
    state.gaps = [PLACE];
    const found = await (isRestarted ? createEvidenceStore(deps) : store).find(SHOP, FRESH);
    expect([shownIn(found), found.staleBecause]).toEqual([["shown to shop", PLACE.message], undefined]);
  });

  it("is one's own after a restart without the registry, however new what others were shown is", async () => {
    const { store, deps, state, set } = world();
    await store.find(SHOP, FRESH);
    set({ now: 5000 });
    await store.find(by("tenant"), FRESH);
    set({ now: 20 * MINUTE });
    state.isDown = true;
    expect(shownIn(await createEvidenceStore(deps).find(SHOP, FRESH))).toEqual(["shown to shop"]);
  });

  it("is nothing without the registry where only others were shown any, before a restart and after it", async () => {
    const { store, deps, state } = world();
    await store.find(by("tenant"), FRESH);
    state.isDown = true;
    for (const each of [store, createEvidenceStore(deps)])
      await expect(each.find(SHOP, FRESH)).rejects.toMatchObject({ code: "registry/unavailable" });
  });

  it("is not taken from a file that does not say to whom it was shown", async () => {
    const { store, deps, state, files } = world();
    state.wantsCredentials = false;
    await store.find(by("tenant"), FRESH);
    for (const file of files.values()) file.isOpen = false;
    state.isDown = true;
    await expect(createEvidenceStore(deps).find(SHOP, FRESH)).rejects.toMatchObject({
      code: "registry/unavailable",
    });
  });

  it("is looked up ahead for each who asks, and read back for each after a restart", async () => {
    const { store, deps, asked } = world();
    const outcomes = [await store.warm(QUERY), await store.warm(SHOP), await store.warm(SHOP)];
    expect(outcomes).toEqual(["collected", "collected", "known"]);
    const restarted = createEvidenceStore(deps);
    expect([await restarted.warm(SHOP), await restarted.warm(QUERY)]).toEqual(["recalled", "recalled"]);
    expect(await restarted.warm(by("tenant"))).toBe("collected");
    expect(asked).toEqual(["nobody", "shop", "tenant"]);
  });

  it("is shared where the registry asks no one for credentials, over a restart, too", async () => {
    const { store, deps, state, asked } = world();
    state.wantsCredentials = false;
    await store.find(by("tenant"), FRESH);
    await store.find(SHOP, FRESH);
    const restarted = createEvidenceStore(deps);
    expect([await restarted.warm(SHOP), await restarted.warm(QUERY)]).toEqual(["recalled", "known"]);
    expect(asked).toEqual(["tenant"]);
  });
});

const OPEN = { wantsCredentials: false };
const [TENANT, DOWN] = [by("tenant", "own"), { code: "registry/unavailable" }];

describe("evidence for such rules that was shown while its registry asked no one for credentials", () => {
  it.each<[string, number, number, string]>([
    ["older", 0, 5, "shown to tenant"],
    ["newer", 5, 0, "shown to shop"],
  ])(
    "is what counts after a restart where one's own is %s, as the other way round",
    async (_, own, open, shown) => {
      const { store, deps, state, set } = world();
      const read = async (
        query: EvidenceQuery,
        minutes: number,
        wantsCredentials: boolean,
      ): Promise<void> => {
        set({ now: minutes * MINUTE });
        Object.assign(state, { wantsCredentials });
        await (wantsCredentials ? store : createEvidenceStore(deps)).find(query, FRESH);
      };
      await read(SHOP, own, true);
      await read(TENANT, open, false);
      state.isDown = true;
      set({ now: 6 * MINUTE });
      expect(shownIn(await createEvidenceStore(deps).find(SHOP, FRESH))).toEqual([shown]);
    },
  );

  it("does after a restart where one's own is too old to be used", async () => {
    const { store, deps, state, set } = world();
    await store.find(SHOP, FRESH);
    set({ now: DEFAULT_LIMITS.staleLimitMs });
    Object.assign(state, OPEN);
    await createEvidenceStore(deps).find(TENANT, FRESH);
    state.isDown = true;
    set({ now: DEFAULT_LIMITS.staleLimitMs + MINUTE });
    expect(shownIn(await createEvidenceStore(deps).find(SHOP, FRESH))).toEqual(["shown to tenant"]);
  });

  it("is used instead of older own evidence in memory, too", async () => {
    const { store, state, set, asked } = world();
    await store.find(SHOP, FRESH);
    set({ now: MINUTE });
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    expect([shownIn(await store.find(SHOP, FRESH)), asked]).toEqual([
      ["shown to tenant"],
      ["shop", "tenant"],
    ]);
  });

  const since = describe.each<[string, EvidenceQuery]>([
    ["for the same image", TENANT],
    [
      "for another image of that registry",
      { ...TENANT, image: { ...QUERY.image, repository: "acme/closed" } },
    ],
    ["for rules that nothing newer can turn", { ...TENANT, needsAllEvidence: false, wants: "any" }],
  ]);
  since("and has asked for them since, %s", (_, asking) => {
    async function askedSince(limits = DEFAULT_LIMITS) {
      const made = world();
      const store = createEvidenceStore({ ...made.deps, limits });
      Object.assign(made.state, OPEN);
      await store.find(TENANT, FRESH);
      made.set({ now: 20 * MINUTE });
      made.state.wantsCredentials = true;
      await store.find(asking, FRESH);
      return { ...made, store };
    }

    it("is read again, however young", async () => {
      const { store } = await askedSince();
      expect(shownIn(await store.find(SHOP, 60 * MINUTE))).toEqual(["shown to shop"]);
    });

    it("does not stand in for a registry that is slow", async () => {
      const { store, state } = await askedSince({ ...DEFAULT_LIMITS, patienceMs: 1 });
      const { promise, resolve } = Promise.withResolvers<void>();
      state.answers = promise;
      const finding = store.find(SHOP, FRESH);
      await sleep(30);
      resolve();
      expect(shownIn(await finding)).toEqual(["shown to shop"]);
    });

    it("does not stand in for a registry that is down", async () => {
      const { store, state } = await askedSince();
      state.isDown = true;
      await expect(store.find(SHOP, FRESH)).rejects.toMatchObject(DOWN);
    });

    it("completes nothing", async () => {
      const { store, state } = await askedSince();
      state.gaps = [PLACE];
      expect(shownIn(await store.find(SHOP, FRESH))).toEqual(["shown to shop", PLACE.message]);
    });

    it("is used again once it asks no one", async () => {
      const { store, state, set, asked } = await askedSince();
      Object.assign(state, OPEN);
      set({ now: 30 * MINUTE });
      await store.find(TENANT, 0);
      const before = asked.length;
      expect(shownIn(await store.find(SHOP, FRESH))).toEqual(["shown to tenant"]);
      expect(asked).toHaveLength(before);
    });
  });

  it.each([
    ["whose own reading is the first for which it asks", []],
    ["to whom it gives a part", [PLACE]],
  ])("does not complete or replace anything for one %s", async (_, gaps) => {
    const { store, state, set } = world();
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    set({ now: 20 * MINUTE });
    Object.assign(state, { wantsCredentials: true, gaps });
    expect(shownIn(await store.find(SHOP, FRESH))[0]).toBe("shown to shop");
  });

  it("does not stand in where the registry has become forbidden", async () => {
    const { store, deps, state, set } = world();
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    set({ now: 20 * MINUTE });
    state.answers = Promise.reject(new Fault("registry/forbidden", "401"));
    for (const each of [store, createEvidenceStore(deps)])
      await expect(each.find(SHOP, FRESH)).rejects.toMatchObject({ code: "registry/forbidden" });
  });

  it("is forgotten in files once the registry asks, for whoever comes after a restart without it", async () => {
    const { store, deps, state, set } = world();
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    set({ now: 60 * MINUTE });
    state.wantsCredentials = true;
    await createEvidenceStore(deps).find(TENANT, FRESH);
    state.isDown = true;
    await expect(createEvidenceStore(deps).find(SHOP, FRESH)).rejects.toMatchObject(DOWN);
  });
});

it("evidence of which it is not said whether its registry asks for credentials is not everyone's", async () => {
  const { deps } = world();
  const attachments: typeof deps.registry.attachments = async (...asked) => {
    const { wantedCredentials: _, ...rest } = await deps.registry.attachments(...asked);
    return rest;
  };
  const store = createEvidenceStore({ ...deps, registry: { ...deps.registry, attachments } });
  await store.find(TENANT, FRESH);
  expect(shownIn(await store.find(SHOP, FRESH))).toEqual(["shown to shop"]);
});

it.each([
  ["no list of pull secrets and an empty one", { namespace: "shop", serviceAccount: "web" }],
  ["the default service account and none that is named", { namespace: "shop", serviceAccount: "default" }],
])("evidence is one's own by %s alike", async (_, access) => {
  const { store, asked } = world();
  const { serviceAccount } = access;
  await store.find({ ...QUERY, access }, FRESH);
  const same = {
    namespace: "shop",
    pullSecrets: [],
    ...(serviceAccount !== "default" && { serviceAccount }),
  };
  await store.find({ ...QUERY, access: same }, FRESH);
  expect(asked).toEqual(["shop"]);
});
