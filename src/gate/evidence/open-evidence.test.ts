import { describe, expect, it } from "vitest";

import { QUERY } from "../../../test/support/evidence-world.ts";
import { by, FRESH, foundSlowly, ownWorld, SHOP, shownIn } from "../../../test/support/scoped-evidence.ts";
import { Fault, type Gap } from "../../core/index.ts";
import type { EvidenceQuery } from "./collect.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const PLACE: Gap = { code: "registry/forbidden", message: "403 for .att", about: "place", count: 1 };
const MINUTE = 60_000;
const OPEN = { wantsCredentials: false };
const TENANT = by("tenant", "own");
const DOWN = { code: "registry/unavailable" };

describe("evidence for such rules that was shown while its registry asked no one for credentials", () => {
  it.each<[string, number, number, string]>([
    ["older", 0, 5, "shown to tenant"],
    ["newer", 5, 0, "shown to shop"],
  ])(
    "is what counts after a restart where one's own is %s, as the other way round",
    async (_, own, open, shown) => {
      const { store, deps, state, set } = ownWorld();
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
    const { store, deps, state, set } = ownWorld();
    await store.find(SHOP, FRESH);
    set({ now: DEFAULT_LIMITS.staleLimitMs });
    Object.assign(state, OPEN);
    await createEvidenceStore(deps).find(TENANT, FRESH);
    state.isDown = true;
    set({ now: DEFAULT_LIMITS.staleLimitMs + MINUTE });
    expect(shownIn(await createEvidenceStore(deps).find(SHOP, FRESH))).toEqual(["shown to tenant"]);
  });

  it("is used instead of older own evidence in memory, too", async () => {
    const { store, state, set, asked } = ownWorld();
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
      const made = ownWorld();
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
      expect(shownIn(await foundSlowly(store, state, SHOP))).toEqual(["shown to shop"]);
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
    const { store, state, set } = ownWorld();
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    set({ now: 20 * MINUTE });
    Object.assign(state, { wantsCredentials: true, gaps });
    expect(shownIn(await store.find(SHOP, FRESH))[0]).toBe("shown to shop");
  });

  it("does not stand in where the registry has become forbidden", async () => {
    const { store, deps, state, set } = ownWorld();
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    set({ now: 20 * MINUTE });
    state.answers = Promise.reject(new Fault("registry/forbidden", "401"));
    for (const each of [store, createEvidenceStore(deps)])
      await expect(each.find(SHOP, FRESH)).rejects.toMatchObject({ code: "registry/forbidden" });
  });

  it("is forgotten in files once the registry asks, for whoever comes after a restart without it", async () => {
    const { store, deps, state, set } = ownWorld();
    Object.assign(state, OPEN);
    await store.find(TENANT, FRESH);
    set({ now: 60 * MINUTE });
    state.wantsCredentials = true;
    await createEvidenceStore(deps).find(TENANT, FRESH);
    state.isDown = true;
    await expect(createEvidenceStore(deps).find(SHOP, FRESH)).rejects.toMatchObject(DOWN);
  });
});
