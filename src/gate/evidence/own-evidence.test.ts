import { describe, expect, it } from "vitest";

import { QUERY } from "../../../test/support/evidence-world.ts";
import { by, FRESH, foundSlowly, ownWorld, SHOP, shownIn } from "../../../test/support/scoped-evidence.ts";
import type { Gap } from "../../core/index.ts";
import type { EvidenceQuery } from "./collect.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const PLACE: Gap = { code: "registry/forbidden", message: "403 for .att", about: "place", count: 1 };
const MINUTE = 60_000;

const ASKERS: readonly (readonly [string, EvidenceQuery])[] = [
  ["another namespace", by("tenant", "own")],
  ["another secret", by("shop", "other")],
  ["one more secret", by("shop", "own", "other")],
  ["another service account", { ...SHOP, access: { ...SHOP.access, serviceAccount: "ci" } }],
  ["no one in particular", QUERY],
];

describe("evidence for rules that something newer can turn, from a registry that asks for credentials", () => {
  it.each(ASKERS)("counts for who was shown it, and is read again for %s", async (_, other) => {
    const { store, asked, state, deps } = ownWorld();
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
    const { deps, state } = ownWorld();
    const store = createEvidenceStore({ ...deps, limits: { ...DEFAULT_LIMITS, patienceMs: 1 } });
    await store.find(by("tenant"), FRESH);
    expect(shownIn(await foundSlowly(store, state, SHOP))).toEqual(["shown to shop"]);
  });

  it.each<[string, boolean]>([
    ["in memory", false],
    ["in files", true],
  ])("is not completed by what others were shown, %s, where a place is forbidden", async (_, isRestarted) => {
    const { store, deps, state } = ownWorld();
    await store.find(by("tenant"), FRESH);
    state.gaps = [PLACE];
    const found = await (isRestarted ? createEvidenceStore(deps) : store).find(SHOP, FRESH);
    expect([shownIn(found), found.staleBecause]).toEqual([["shown to shop", PLACE.message], undefined]);
  });

  it("is one's own after a restart without the registry, however new what others were shown is", async () => {
    const { store, deps, state, set } = ownWorld();
    await store.find(SHOP, FRESH);
    set({ now: 5000 });
    await store.find(by("tenant"), FRESH);
    set({ now: 20 * MINUTE });
    state.isDown = true;
    expect(shownIn(await createEvidenceStore(deps).find(SHOP, FRESH))).toEqual(["shown to shop"]);
  });

  it("is nothing without the registry where only others were shown any, before a restart and after it", async () => {
    const { store, deps, state } = ownWorld();
    await store.find(by("tenant"), FRESH);
    state.isDown = true;
    for (const each of [store, createEvidenceStore(deps)])
      await expect(each.find(SHOP, FRESH)).rejects.toMatchObject({ code: "registry/unavailable" });
  });

  it("is not taken from a file that does not say to whom it was shown", async () => {
    const { store, deps, state, files } = ownWorld();
    state.wantsCredentials = false;
    await store.find(by("tenant"), FRESH);
    for (const file of files.values()) file.isOpen = false;
    state.isDown = true;
    await expect(createEvidenceStore(deps).find(SHOP, FRESH)).rejects.toMatchObject({
      code: "registry/unavailable",
    });
  });

  it("is looked up ahead for each who asks, and read back for each after a restart", async () => {
    const { store, deps, asked } = ownWorld();
    const outcomes = [await store.warm(QUERY), await store.warm(SHOP), await store.warm(SHOP)];
    expect(outcomes).toEqual(["collected", "collected", "known"]);
    const restarted = createEvidenceStore(deps);
    expect([await restarted.warm(SHOP), await restarted.warm(QUERY)]).toEqual(["recalled", "recalled"]);
    expect(await restarted.warm(by("tenant"))).toBe("collected");
    expect(asked).toEqual(["nobody", "shop", "tenant"]);
  });

  it("is shared where the registry asks no one for credentials, over a restart, too", async () => {
    const { store, deps, state, asked } = ownWorld();
    state.wantsCredentials = false;
    await store.find(by("tenant"), FRESH);
    await store.find(SHOP, FRESH);
    const restarted = createEvidenceStore(deps);
    expect([await restarted.warm(SHOP), await restarted.warm(QUERY)]).toEqual(["recalled", "known"]);
    expect(asked).toEqual(["tenant"]);
  });
});

it("evidence of which it is not said whether its registry asks for credentials is not everyone's", async () => {
  const { deps } = ownWorld();
  const attachments: typeof deps.registry.attachments = async (...asked) => {
    const { wantedCredentials: _, ...rest } = await deps.registry.attachments(...asked);
    return rest;
  };
  const store = createEvidenceStore({ ...deps, registry: { ...deps.registry, attachments } });
  await store.find(by("tenant", "own"), FRESH);
  expect(shownIn(await store.find(SHOP, FRESH))).toEqual(["shown to shop"]);
});

it.each([
  ["no list of pull secrets and an empty one", { namespace: "shop", serviceAccount: "web" }],
  ["the default service account and none that is named", { namespace: "shop", serviceAccount: "default" }],
])("evidence is one's own by %s alike", async (_, access) => {
  const { store, asked } = ownWorld();
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
