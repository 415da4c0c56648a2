import { describe, expect, it } from "vitest";

import { IMAGE, QUERY as ALL, settled } from "../../../test/support/evidence-world.ts";
import { scopedWorld, shownIn } from "../../../test/support/scoped-evidence.ts";
import type { Gap } from "../../core/index.ts";
import type { EvidenceQuery } from "./collect.ts";
import type { Found } from "./collections.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

/** What rules ask that nothing newer can turn; shared as far as no pull secret is concerned. */
const QUERY: EvidenceQuery = { ...ALL, needsAllEvidence: false, wants: "any" };
const AS: Readonly<Record<string, EvidenceQuery>> = {
  tenant: { ...QUERY, access: { namespace: "tenant", serviceAccount: "web", pullSecrets: ["own"] } },
  "another account": {
    ...QUERY,
    access: { namespace: "tenant", serviceAccount: "ci", pullSecrets: ["own"] },
  },
  "other secrets": { ...QUERY, access: { namespace: "tenant", serviceAccount: "web", pullSecrets: ["new"] } },
  "another namespace": {
    ...QUERY,
    access: { namespace: "shop", serviceAccount: "web", pullSecrets: ["own"] },
  },
  nobody: QUERY,
};
const [TENANT, SHOP] = [AS["tenant"]!, AS["another namespace"]!];
const OTHERS = Object.keys(AS).filter((who) => who !== "tenant");
const PLACE: Gap = { code: "registry/unavailable", message: "no .att tag", about: "place", count: 1 };

describe("what a registry shows to a workload's pull secrets", () => {
  it.each(OTHERS)("decides nothing for %s, however young it is", async (who) => {
    const { store, asked } = scopedWorld();
    await store.find(TENANT, DEFAULT_LIMITS.refreshAfterMs);
    const query = AS[who]!;
    const found = await store.find(query, DEFAULT_LIMITS.refreshAfterMs);
    expect(shownIn(found)).toEqual([`shown to ${query.access.namespace ?? "nobody"}`]);
    expect(asked).toHaveLength(2);
  });

  it("is known to those who name the same ones, and to the same review at once", async () => {
    const { store, asked, deps } = scopedWorld();
    await store.find(TENANT, 1000);
    await store.find({ ...TENANT }, 1000);
    const moment = { trust: deps.trust(), now: new Date(0), maxAgeMs: 1000 };
    expect([store.known(TENANT, moment)?.evidence.isPrivate, store.known(SHOP, moment)]).toEqual([
      true,
      undefined,
    ]);
    expect(asked).toEqual(["tenant"]);
  });

  it("stays known beside what is shown to others, and does not take their place", async () => {
    const { store, asked } = scopedWorld();
    for (const query of [TENANT, SHOP, QUERY, TENANT, SHOP, QUERY]) await store.find(query, 1000);
    expect(asked).toEqual(["tenant", "shop", "nobody"]);
  });

  it("does while the registry is down for its own, and for nobody else", async () => {
    const { store, state, set } = scopedWorld();
    await store.find(TENANT, 1000);
    state.isDown = true;
    set({ now: 60_000 });
    await expect(store.find(SHOP, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
    await expect(store.find(QUERY, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
    expect(shownIn(await store.find(TENANT, 1000))).toEqual(["shown to tenant"]);
  });

  it("is kept over a restart for its own, and for nobody else", async () => {
    const { store, deps, state } = scopedWorld();
    await store.find(TENANT, 1000);
    state.isDown = true;
    const restarted = createEvidenceStore(deps);
    await expect(restarted.find(SHOP, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
    await expect(restarted.find(QUERY, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
    const found = await restarted.find(TENANT, 1000);
    expect([shownIn(found), found.evidence.isPrivate]).toEqual([["shown to tenant"], true]);
  });

  it("makes what it completes its own, too", async () => {
    const { store, state, set } = scopedWorld();
    await store.find(TENANT, 1000);
    Object.assign(state, { usesSecrets: false, gaps: [PLACE] });
    set({ now: 60_000 });
    const found = await store.find(TENANT, 1000);
    expect([found.staleBecause?.message, found.evidence.isPrivate]).toEqual([PLACE.message, true]);
    expect(shownIn(await store.find(SHOP, 100_000))).toContain("shown to shop");
  });

  it("makes older evidence that everybody knows its own, where that completes it", async () => {
    const { store, state, set } = scopedWorld();
    await store.find(QUERY, 1000);
    state.gaps = [PLACE];
    set({ now: 60_000 });
    expect((await store.find(TENANT, 1000)).evidence.isPrivate).toBe(true);
    expect(shownIn(await store.find(QUERY, 100_000))).toEqual(["shown to nobody"]);
  });

  it("is forgotten once the registry shows the same workload what it shows to everybody", async () => {
    const { store, state, set, asked } = scopedWorld();
    await store.find(TENANT, 1000);
    state.usesSecrets = false;
    set({ now: 60_000 });
    await store.find(TENANT, 1000);
    expect((await store.find(TENANT, 1000)).evidence.isPrivate).toBeUndefined();
    await store.find(SHOP, 1000);
    expect(asked).toEqual(["tenant", "tenant"]);
  });
});

describe("what a registry shows without pull secrets of a workload", () => {
  it.each(Object.keys(AS))("is known to %s", async (who) => {
    const { store, state, asked } = scopedWorld();
    state.usesSecrets = false;
    await store.find({ ...QUERY, access: { namespace: "first" } }, 1000);
    expect(shownIn(await store.find(AS[who]!, 1000))).toEqual(["shown to first"]);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["newer", 1, "shown to nobody"],
    ["older", -1, "shown to tenant"],
  ])("is recalled from files where it is %s than what its secrets were shown", async (_, later, expected) => {
    const { store, deps, state, set } = scopedWorld();
    set({ now: 10_000 });
    await store.find(TENANT, 1000);
    set({ now: 10_000 + later });
    await store.find(QUERY, 0);
    await settled();
    state.isDown = true;
    expect(shownIn(await createEvidenceStore(deps).find(TENANT, 1000))).toEqual([expected]);
  });
});

type Store = ReturnType<typeof scopedWorld>["store"];
type State = ReturnType<typeof scopedWorld>["state"];

function known({ store, deps }: ReturnType<typeof scopedWorld>, query: EvidenceQuery): Found | undefined {
  return store.known(query, {
    trust: deps.trust(),
    now: deps.now(),
    maxAgeMs: DEFAULT_LIMITS.refreshAfterMs,
  });
}

describe("what a registry that wants credentials shows to others", () => {
  const own = { ownOnly: true };
  it("does not do for whoever may be shown more, and says so", async () => {
    const world = scopedWorld();
    const { store, state, asked } = world;
    state.usesSecrets = false;
    await store.find(QUERY, 1000);
    expect([known(world, QUERY)?.isOfOthers, known(world, SHOP)?.isOfOthers]).toEqual([undefined, true]);
    expect((await store.find(SHOP, 1000)).isOfOthers).toBe(true);
    state.usesSecrets = true;
    const found = await store.find(SHOP, 1000, own);
    expect([shownIn(found), found.isOfOthers, asked]).toEqual([
      ["shown to shop"],
      undefined,
      ["nobody", "shop"],
    ]);
  });

  it("does for those who were shown the same a moment ago, whoever has asked since", async () => {
    const { store, state, asked, set } = scopedWorld();
    state.usesSecrets = false;
    for (const query of [QUERY, SHOP, TENANT, QUERY, SHOP, TENANT])
      await store.find(query, DEFAULT_LIMITS.refreshAfterMs, own);
    expect(asked).toEqual(["nobody", "shop", "tenant"]);
    set({ now: DEFAULT_LIMITS.retryAfterMs + 1 });
    await store.find(SHOP, DEFAULT_LIMITS.refreshAfterMs, own);
    expect(asked.slice(3)).toEqual(["shop"]);
  });

  it("does not take the place of what one was shown a moment ago", async () => {
    const { store, state, asked, set } = scopedWorld();
    state.usesSecrets = false;
    await store.find(SHOP, 1000);
    set({ now: 1000 });
    await store.find(TENANT, 1000, own);
    set({ now: DEFAULT_LIMITS.recheckAfterMs });
    const found = await store.find(SHOP, DEFAULT_LIMITS.recheckAfterMs, own);
    expect([shownIn(found), found.isOfOthers, asked]).toEqual([
      ["shown to shop"],
      undefined,
      ["shop", "tenant"],
    ]);
  });

  it("does for everybody where it wants none", async () => {
    const world = scopedWorld();
    const { store, state, asked } = world;
    Object.assign(state, { usesSecrets: false, wantsCredentials: false });
    await store.find(QUERY, 1000);
    await store.find(SHOP, 1000, own);
    expect([known(world, SHOP)?.isOfOthers, asked]).toEqual([undefined, ["nobody"]]);
  });

  it("does not do where it was read back from files, which do not say whether it wants any", async () => {
    const { store, deps, state, asked } = scopedWorld();
    state.usesSecrets = false;
    await store.find(QUERY, 1000);
    const restarted = createEvidenceStore(deps);
    await restarted.warm(QUERY);
    expect((await restarted.find(SHOP, 1000)).isOfOthers).toBe(true);
    await restarted.find(SHOP, 1000, own);
    expect(asked).toEqual(["nobody", "shop"]);
  });

  it.each<[string, (store: Store, state: State) => Promise<unknown>]>([
    ["ahead of a review", (store) => store.warm(SHOP)],
    [
      "for want of its registry",
      async (store, state) => {
        state.isDown = true;
        await store.find(SHOP, 1000);
        state.isDown = false;
      },
    ],
  ])("does not do where the one who asks has read it back, %s", async (_, readBack) => {
    const { store, deps, state } = scopedWorld();
    state.usesSecrets = false;
    await store.find(QUERY, 1000);
    const restarted = createEvidenceStore(deps);
    await readBack(restarted, state);
    expect((await restarted.find(SHOP, 1000)).isOfOthers).toBe(true);
  });
});

it("evidence about another image is not found under the same secrets", async () => {
  const { store, asked } = scopedWorld();
  await store.find(TENANT, 1000);
  await store.find({ ...TENANT, image: { ...IMAGE, repository: "acme/other" } }, 1000);
  expect(asked).toHaveLength(2);
});
