import { describe, expect, it, vi } from "vitest";

import { evidenceWorld as world, IMAGE, QUERY, settled } from "../../../test/support/evidence-world.ts";
import { digestOf, type Gap } from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";
import type { EvidenceQuery } from "./collect.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

describe("evidence store", () => {
  it("collects once, and answers from memory while the evidence is young enough", async () => {
    const { deps, calls, outcomes, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(QUERY, 1000);
    set({ now: 1000 });
    await store.find(QUERY, 1000);
    expect(calls).toHaveLength(1);
    set({ now: 1001 });
    await store.find(QUERY, 1000);
    expect(calls).toHaveLength(2);
    expect(outcomes).toEqual(["miss", "hit", "miss"]);
  });

  it("forgets what was used least recently where all of it would hold too much", async () => {
    const { deps, calls } = world();
    const store = createEvidenceStore({ ...deps, limits: { ...deps.limits, cacheFacts: 2 } });
    for (const repository of ["a", "b", "c", "b", "a"])
      await store.find({ ...QUERY, image: { ...IMAGE, repository } }, 1000);
    expect(calls.map((name) => name.split("/").at(-1))).toEqual(["a", "b", "c", "a"]);
  });

  it.each<[string, EvidenceQuery]>([
    ["another repository", { ...QUERY, image: { ...IMAGE, repository: "evil/app" } }],
    ["another registry", { ...QUERY, image: { ...IMAGE, registry: "quay.io" } }],
    ["other predicates", { ...QUERY, wants: "provenance" }],
  ])("keeps the answer for %s apart", async (_, other) => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    await store.find(QUERY, 1000);
    await store.find(other, 1000);
    expect(calls).toHaveLength(2);
  });

  it("gives a part of the evidence to those who take one, and to nobody else", async () => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    const part = { ...QUERY, acceptsPartial: true };
    const [some, all] = await Promise.all([store.find(part, 1000), store.find(QUERY, 1000)]);
    expect([some.evidence.isPartial, all.evidence.isPartial]).toEqual([true, undefined]);
    expect(calls).toHaveLength(2); // nobody who needs all joins a collection of a part
  });

  it("collects all of it where only a part is known, however young, and keeps that", async () => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    const part = { ...QUERY, acceptsPartial: true };
    await store.find(part, 1000);
    expect((await store.find(QUERY, 1000)).evidence.isPartial).toBeUndefined();
    expect((await store.find(part, 1000)).evidence.isPartial).toBeUndefined();
    expect(calls).toHaveLength(2);
  });

  it("has a part to go on with where all of it cannot be had", async () => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    await store.find({ ...QUERY, acceptsPartial: true }, 1000);
    set({ down: true });
    expect(await store.find(QUERY, 1000)).toMatchObject({
      evidence: { isPartial: true },
      staleBecause: { code: "registry/unavailable" },
    });
  });

  it.each([
    ["in front of an answer", 1.2],
    ["behind an answer", 0.7],
  ])("does not let a part take the place of all when it collects anew, %s", async (_, at) => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    const { refreshAfterMs } = deps.limits;
    const part = { ...QUERY, acceptsPartial: true };
    await store.find(QUERY, refreshAfterMs);
    const now = Math.round(refreshAfterMs * at);
    set({ now });
    await store.find(part, refreshAfterMs);
    await settled();
    const { evidence } = await store.find(part, refreshAfterMs);
    expect([calls.length, evidence.collectedAt.getTime(), evidence.isPartial]).toEqual([2, now, undefined]);
  });

  it("keeps the texts of the predicates that a rule reads", async () => {
    const { deps } = world();
    const kept: unknown[] = [];
    const store = createEvidenceStore({
      ...deps,
      verify: (found, trust, now, keep) => {
        kept.push(keep.predicateTexts);
        return deps.verify(found, trust, now, keep);
      },
    });
    await store.find({ ...QUERY, predicateTexts: ["https://acme.test/review/v1"] }, 1000);
    expect(kept).toEqual([["https://acme.test/review/v1"]]);
  });

  it("forgets everything when the trust material changes", async () => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(QUERY, 1000);
    set({ generation: "g2" });
    expect((await store.find(QUERY, 1000)).evidence.trustGeneration).toBe("g2");
    expect(calls).toHaveLength(2);
    set({ generation: "g1" });
    await store.find(QUERY, 1000);
    expect(calls).toHaveLength(3);
  });

  it("uses older evidence while its registry is down, says why, and not without end", async () => {
    const { deps, outcomes, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(QUERY, 1000);
    set({ down: true, now: 5000 });
    expect((await store.find(QUERY, 1000)).staleBecause?.code).toBe("registry/unavailable");
    expect(outcomes).toEqual(["miss", "stale"]);
    set({ now: DEFAULT_LIMITS.staleLimitMs + 1 });
    await expect(store.find(QUERY, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
  });

  it("collects anew behind an answer before the evidence is too old, so that nobody waits for it", async () => {
    const { deps, calls, outcomes, set } = world();
    const store = createEvidenceStore(deps);
    const { refreshAfterMs } = deps.limits;
    await store.find(QUERY, refreshAfterMs);
    set({ now: refreshAfterMs * 0.6 });
    await store.find(QUERY, refreshAfterMs);
    expect(calls).toHaveLength(1);
    set({ now: refreshAfterMs * 0.7 });
    expect((await store.find(QUERY, refreshAfterMs)).evidence.collectedAt.getTime()).toBe(0);
    await settled();
    const { evidence } = await store.find(QUERY, refreshAfterMs);
    expect(calls).toHaveLength(2);
    expect([evidence.collectedAt.getTime(), outcomes]).toEqual([
      refreshAfterMs * 0.7,
      ["miss", "hit", "hit", "hit"],
    ]);
  });

  it("asks a registry that is down once in a while, and answers at once in between", async () => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    const { refreshAfterMs, retryAfterMs } = deps.limits;
    await store.find(QUERY, refreshAfterMs);
    const later = (ms: number): void => set({ now: refreshAfterMs * 0.9 + ms });
    set({ down: true });
    later(0);
    await store.find(QUERY, refreshAfterMs);
    await settled();
    expect(calls).toHaveLength(2);
    later(1);
    await store.find(QUERY, refreshAfterMs);
    later(retryAfterMs - 1);
    expect((await store.find(QUERY, 1000)).staleBecause?.code).toBe("registry/unavailable");
    expect(calls).toHaveLength(2);
    later(retryAfterMs);
    await store.find(QUERY, 1000);
    expect(calls).toHaveLength(3);
    set({ down: false });
    later(2 * retryAfterMs);
    expect((await store.find(QUERY, 1000)).staleBecause).toBeUndefined();
  });

  it("does not let a slow registry keep people waiting who can be answered, and keeps what it says in the end", async () => {
    const { deps, set } = world();
    const arrived = Promise.withResolvers<void>();
    let isSlow = false;
    const attachments: GateDeps["registry"]["attachments"] = async (...asked) => {
      if (isSlow) await arrived.promise;
      return deps.registry.attachments(...asked);
    };
    const limits = { ...deps.limits, patienceMs: 20 };
    const store = createEvidenceStore({ ...deps, limits, registry: { ...deps.registry, attachments } });
    await store.find(QUERY, 1000);
    isSlow = true;
    set({ now: 2000 });
    expect((await store.find(QUERY, 1000)).staleBecause?.code).toBe("deadline/exceeded");
    const patient = store.find(QUERY, 500, { isPatient: true });
    arrived.resolve();
    await vi.waitFor(async () =>
      expect((await store.find(QUERY, 1000)).evidence.collectedAt.getTime()).toBe(2000),
    );
    expect((await patient).evidence.subject).toBe(IMAGE.digest);
  });

  it("never keeps a failure", async () => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    set({ down: true });
    await expect(store.find(QUERY, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
    set({ down: false });
    expect((await store.find(QUERY, 1000)).evidence.subject).toBe(IMAGE.digest);
  });

  it("does not let one workload's missing pull secret fail another's collection", async () => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    const access = { namespace: "a", pullSecrets: ["s"] };
    await Promise.all([
      store.find(QUERY, 1000),
      store.find({ ...QUERY, access }, 1000),
      store.find(QUERY, 1000),
    ]);
    expect(calls).toHaveLength(2);
  });

  it("treats a clock that was set back as age, not as youth", async () => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    set({ now: 10_000 });
    await store.find(QUERY, 1000);
    set({ now: 0 });
    await store.find(QUERY, 1000);
    expect(calls).toHaveLength(2);
  });

  it("refuses evidence about another digest", async () => {
    const { deps, set } = world();
    set({ otherSubject: digestOf("other") });
    const answer = createEvidenceStore(deps).find(QUERY, 1000);
    await expect(answer).rejects.toMatchObject({ code: "internal/unexpected" });
  });
});

describe("where a registry gives only a part", () => {
  const PLACE: Gap = {
    code: "registry/unavailable",
    message: "the .att tag was not read",
    about: "place",
    count: 1,
  };
  const WITHHELD: Gap = { ...PLACE, code: "registry/forbidden" };
  const LIMIT: Gap = { code: "limits/exceeded", message: "past the newest 1024", count: 1 };

  it("what it gave whole before counts on, with the place that failed as the reason", async () => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(QUERY, 1000);
    set({ now: 2000, gaps: [PLACE, LIMIT] });
    expect(await store.find(QUERY, 1000)).toMatchObject({
      evidence: { gaps: [LIMIT], collectedAt: new Date(0) },
      staleBecause: { code: "registry/unavailable", message: "the .att tag was not read" },
    });
  });

  it.each([
    "internal/unexpected",
    "registry/invalid",
    "registry/incomplete",
    "registry/unavailable",
    "limits/exceeded",
  ] as const)("an attachment that it did not give before stays a gap: %s", async (code) => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(QUERY, 1000);
    const gap: Gap = { code, message: "an attachment was not verified", about: [digestOf("new")], count: 1 };
    set({ now: 10_000, gaps: [gap] });
    const alone = await store.find(QUERY, 1000);
    expect([alone.evidence.gaps, alone.staleBecause]).toEqual([[gap], undefined]);
    set({ now: 60_000, gaps: [gap, PLACE] });
    const beside = await store.find(QUERY, 1000);
    expect(beside).toMatchObject({
      evidence: { gaps: [{ code, about: gap.about }] },
      staleBecause: { code: PLACE.code },
    });
  });

  it.each([
    ["where newer could refuse, the place stays a gap", true, [WITHHELD], undefined],
    ["where nothing newer could refuse, what it gave before counts on", false, [], WITHHELD.code],
  ])("a place that is forbidden to who asks: %s", async (_, needsAllEvidence, gaps, staleCode) => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    const query = { ...QUERY, needsAllEvidence };
    await store.find(query, 1000);
    set({ now: 2000, gaps: [WITHHELD] });
    const found = await store.find(query, 1000);
    expect([found.evidence.gaps, found.staleBecause?.code]).toEqual([gaps, staleCode]);
  });

  it("what was kept over a restart counts, too", async () => {
    const { deps, set } = world();
    set({ now: 2000, gaps: [PLACE], keptAt: 500 });
    expect(await createEvidenceStore(deps).find(QUERY, 1000)).toMatchObject({
      evidence: { gaps: [], collectedAt: new Date(500) },
      staleBecause: { code: "registry/unavailable" },
    });
  });

  it.each([
    ["it never gave more", [PLACE], 6000],
    ["a limit of the gate is the cause", [], 6000],
    ["what it gave whole is too old", [], DEFAULT_LIMITS.staleLimitMs + 1],
  ])("but the part alone counts where %s", async (_, before, now) => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    set({ gaps: before });
    await store.find(QUERY, 1000);
    const gaps = now === 6000 && before.length === 0 ? [LIMIT] : [PLACE];
    set({ now, gaps });
    const { evidence, staleBecause } = await store.find(QUERY, 1000);
    expect([evidence.gaps, evidence.collectedAt.getTime(), staleBecause]).toEqual([gaps, now, undefined]);
  });

  it.each([
    ["everything that is attached", [], true],
    ["what a limit cut off, which will be the same", [LIMIT], true],
    ["what a place refuses for good", [WITHHELD], true],
    ["what may be there in a moment", [{ ...PLACE, code: "registry/incomplete" }], false],
  ] as const)("%s is kept over a restart: %j", async (_, gaps, isKept) => {
    const { deps, set } = world();
    const keep = vi.fn<NonNullable<GateDeps["memory"]>["store"]>();
    set({ gaps });
    await createEvidenceStore({ ...deps, memory: { ...deps.memory!, store: keep } }).find(QUERY, 1000);
    expect(keep).toHaveBeenCalledTimes(isKept ? 1 : 0);
  });

  it.each([
    ["a place that failed", PLACE, 1],
    ["a limit", LIMIT, 6],
  ])("is asked again soon where %s is the cause, and no more often", async (_, gap, times) => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    const { recheckAfterMs, retryAfterMs } = deps.limits;
    set({ gaps: [gap] });
    const asked: number[] = [];
    for (const now of [0, recheckAfterMs + 1, times * retryAfterMs, times * retryAfterMs + 1]) {
      set({ now });
      await store.find(QUERY, recheckAfterMs);
      asked.push(calls.length);
    }
    expect(asked).toEqual([1, 1, 1, 2]);
  });
});
