import { describe, expect, it, vi } from "vitest";

import {
  type Attachments,
  digestOf,
  type Evidence,
  Fault,
  type PinnedImage,
  type TrustSnapshot,
} from "../core/index.ts";
import type { EvidenceQuery } from "./collect.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { GateDeps } from "./ports.ts";

const digest = digestOf("image");
const image: PinnedImage = { registry: "ghcr.io", repository: "acme/app", digest };
const query: EvidenceQuery = {
  image,
  access: {},
  wantsPredicate: () => true,
  predicateTexts: [],
  wants: "*",
  takesPart: false,
};

function world(): {
  deps: GateDeps;
  calls: string[];
  outcomes: string[];
  set: (change: Partial<State>) => void;
} {
  const state: State = { now: 0, generation: "g1", down: false };
  const calls: string[] = [];
  const outcomes: string[] = [];
  const attachments: GateDeps["registry"]["attachments"] = (asked, _, wanted): Promise<Attachments> => {
    calls.push(`${asked.registry}/${asked.repository}`);
    if (state.down) return Promise.reject(new Fault("registry/unavailable", "down"));
    const isPartial = wanted.usualPlaces ? { isPartial: true as const } : {};
    return Promise.resolve({ subject: asked.digest, found: [], passedOver: [], lookedAt: [], ...isPartial });
  };
  const verify = (found: Attachments, trust: TrustSnapshot, now: Date): Promise<Evidence> =>
    Promise.resolve({
      subject: state.otherSubject ?? found.subject,
      trustGeneration: trust.generation,
      collectedAt: now,
      signatures: [],
      attestations: [],
      rejections: [],
      lookedAt: [],
      ...(found.isPartial && { isPartial: true }),
    });
  const deps: GateDeps = {
    registry: { attachments, resolve: () => Promise.resolve(undefined) },
    verify,
    trust: () => ({ generation: state.generation, roots: [], keys: [] }),
    policy: () => undefined,
    revocations: () => undefined,
    waivers: () => {
      throw new Error("not asked by the store");
    },
    now: () => new Date(state.now),
    observer: {
      phase: () => undefined,
      cache: (outcome) => outcomes.push(outcome),
      waiting: () => undefined,
    },
    limits: DEFAULT_LIMITS,
  };
  return { deps, calls, outcomes, set: (change) => Object.assign(state, change) };
}

/** Whatever was begun behind an answer is done, unless it waits for something. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface State {
  now: number;
  generation: string;
  down: boolean;
  otherSubject?: typeof digest;
}

describe("evidence store", () => {
  it("collects once, and answers from memory while the evidence is young enough", async () => {
    const { deps, calls, outcomes, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(query, 1000);
    set({ now: 1000 });
    await store.find(query, 1000);
    expect(calls).toHaveLength(1);
    set({ now: 1001 });
    await store.find(query, 1000);
    expect(calls).toHaveLength(2);
    expect(outcomes).toEqual(["miss", "hit", "miss"]);
  });

  it.each<[string, EvidenceQuery]>([
    ["another repository", { ...query, image: { ...image, repository: "evil/app" } }],
    ["another registry", { ...query, image: { ...image, registry: "quay.io" } }],
    ["other predicates", { ...query, wants: "provenance" }],
  ])("keeps the answer for %s apart", async (_, other) => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    await store.find(query, 1000);
    await store.find(other, 1000);
    expect(calls).toHaveLength(2);
  });

  it("gives a part of the evidence to those who take one, and to nobody else", async () => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    const part = { ...query, takesPart: true };
    const [some, all] = await Promise.all([store.find(part, 1000), store.find(query, 1000)]);
    expect([some.evidence.isPartial, all.evidence.isPartial]).toEqual([true, undefined]);
    expect(calls).toHaveLength(2); // nobody who needs all joins a collection of a part
  });

  it("collects all of it where only a part is known, however young, and keeps that", async () => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    const part = { ...query, takesPart: true };
    await store.find(part, 1000);
    expect((await store.find(query, 1000)).evidence.isPartial).toBeUndefined();
    expect((await store.find(part, 1000)).evidence.isPartial).toBeUndefined();
    expect(calls).toHaveLength(2);
    set({ now: 2000 });
    await store.find(part, 1000);
    set({ down: true });
    expect(await store.find(query, 1000)).toMatchObject({
      evidence: { isPartial: true },
      staleBecause: { code: "registry/unavailable" },
    });
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
    await store.find({ ...query, predicateTexts: ["https://acme.test/review/v1"] }, 1000);
    expect(kept).toEqual([["https://acme.test/review/v1"]]);
  });

  it("forgets everything when the trust material changes", async () => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(query, 1000);
    set({ generation: "g2" });
    expect((await store.find(query, 1000)).evidence.trustGeneration).toBe("g2");
    expect(calls).toHaveLength(2);
  });

  it("uses older evidence while its registry is down, says why, and not without end", async () => {
    const { deps, outcomes, set } = world();
    const store = createEvidenceStore(deps);
    await store.find(query, 1000);
    set({ down: true, now: 5000 });
    expect((await store.find(query, 1000)).staleBecause?.code).toBe("registry/unavailable");
    expect(outcomes).toEqual(["miss", "stale"]);
    set({ now: DEFAULT_LIMITS.staleLimitMs + 1 });
    await expect(store.find(query, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
  });

  it("collects anew behind an answer before the evidence is too old, so that nobody waits for it", async () => {
    const { deps, calls, outcomes, set } = world();
    const store = createEvidenceStore(deps);
    const { refreshAfterMs } = deps.limits;
    await store.find(query, refreshAfterMs);
    set({ now: refreshAfterMs * 0.6 });
    await store.find(query, refreshAfterMs);
    expect(calls).toHaveLength(1);
    set({ now: refreshAfterMs * 0.7 });
    expect((await store.find(query, refreshAfterMs)).evidence.collectedAt.getTime()).toBe(0);
    await settled();
    const { evidence } = await store.find(query, refreshAfterMs);
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
    await store.find(query, refreshAfterMs);
    const later = (ms: number): void => set({ now: refreshAfterMs * 0.9 + ms });
    set({ down: true });
    later(0);
    await store.find(query, refreshAfterMs);
    await settled();
    expect(calls).toHaveLength(2);
    later(1);
    await store.find(query, refreshAfterMs);
    later(retryAfterMs - 1);
    expect((await store.find(query, 1000)).staleBecause?.code).toBe("registry/unavailable");
    expect(calls).toHaveLength(2);
    later(retryAfterMs);
    await store.find(query, 1000);
    expect(calls).toHaveLength(3);
    set({ down: false });
    later(2 * retryAfterMs);
    expect((await store.find(query, 1000)).staleBecause).toBeUndefined();
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
    await store.find(query, 1000);
    isSlow = true;
    set({ now: 2000 });
    expect((await store.find(query, 1000)).staleBecause?.code).toBe("deadline/exceeded");
    const patient = store.find(query, 500, "patient");
    arrived.resolve();
    await vi.waitFor(async () =>
      expect((await store.find(query, 1000)).evidence.collectedAt.getTime()).toBe(2000),
    );
    expect((await patient).evidence.subject).toBe(digest);
  });

  it("never keeps a failure", async () => {
    const { deps, set } = world();
    const store = createEvidenceStore(deps);
    set({ down: true });
    await expect(store.find(query, 1000)).rejects.toMatchObject({ code: "registry/unavailable" });
    set({ down: false });
    expect((await store.find(query, 1000)).evidence.subject).toBe(digest);
  });

  it("does not let one workload's missing pull secret fail another's collection", async () => {
    const { deps, calls } = world();
    const store = createEvidenceStore(deps);
    const access = { namespace: "a", pullSecrets: ["s"] };
    await Promise.all([
      store.find(query, 1000),
      store.find({ ...query, access }, 1000),
      store.find(query, 1000),
    ]);
    expect(calls).toHaveLength(2);
  });

  it("treats a clock that was set back as age, not as youth", async () => {
    const { deps, calls, set } = world();
    const store = createEvidenceStore(deps);
    set({ now: 10_000 });
    await store.find(query, 1000);
    set({ now: 0 });
    await store.find(query, 1000);
    expect(calls).toHaveLength(2);
  });

  it("refuses evidence about another digest", async () => {
    const { deps, set } = world();
    set({ otherSubject: digestOf("other") });
    const answer = createEvidenceStore(deps).find(query, 1000);
    await expect(answer).rejects.toMatchObject({ code: "internal/unexpected" });
  });
});
